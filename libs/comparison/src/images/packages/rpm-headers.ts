import { foundPackage, type FoundPackage, NotUnderstood } from './package-source.js';

/** https://rpm-software-management.github.io/rpm/manual/tags.html */
const TAGS = { name: 1000, version: 1001, release: 1002, epoch: 1003, arch: 1022 } as const;
const [INT32, STRING] = [4, 6];
const ENTRY_SIZE = 16;
/** Keys that rpm trusts stand among the packages. */
const NOT_A_PACKAGE = 'gpg-pubkey';
/** Many times what any system has. A header may be so short that a database of them says far more than it is worth. */
const MAX_HEADERS = 100_000;

type Fields = Partial<Record<keyof typeof TAGS, string>>;

/**
 * What rpm keeps of each package is its header, whatever database it lies in.
 * https://rpm-software-management.github.io/rpm/manual/format_header.html
 * @throws NotUnderstood
 */
export function packagesOfHeaders(headers: Iterable<Buffer>): FoundPackage[] {
  const packages: FoundPackage[] = [];
  let count = 0;
  for (const header of headers) {
    count += 1;
    if (count > MAX_HEADERS) throw new NotUnderstood(`it holds more than ${MAX_HEADERS} headers`);
    const fields = readHeader(header);
    const found = fields === null ? null : packageOf(fields);
    if (found === null) throw new NotUnderstood(`header ${count} describes no package`);
    if (found.name !== NOT_A_PACKAGE) packages.push(found);
  }
  return packages;
}

/** The epoch decides before everything else: without it two versions would be ordered wrongly. */
function packageOf({ name, version, release, epoch, arch }: Fields): FoundPackage | null {
  if (version === undefined || release === undefined) return null;
  const before = epoch === undefined || epoch === '0' ? '' : `${epoch}:`;
  return foundPackage('rpm', name, `${before}${version}-${release}`, { arch });
}

/** Numbers of entries and bytes, entries of tag, type, offset and count, then the bytes; all big-endian. */
function readHeader(header: Buffer): Fields | null {
  if (header.length < 8) return null;
  const [entries, dataSize] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const start = 8 + entries * ENTRY_SIZE;
  if (start + dataSize > header.length) return null;
  const data = header.subarray(start, start + dataSize);
  const fields: Fields = {};
  for (const [key, tag] of Object.entries(TAGS) as [keyof typeof TAGS, number][]) {
    for (let at = 8; at < start; at += ENTRY_SIZE) {
      if (header.readUInt32BE(at) !== tag) continue;
      const value = valueAt(data, header.readUInt32BE(at + 4), header.readUInt32BE(at + 8));
      if (value === null) return null;
      fields[key] = value;
      break;
    }
  }
  return fields;
}

function valueAt(data: Buffer, type: number, offset: number): string | null {
  if (type === INT32) return offset + 4 <= data.length ? String(data.readUInt32BE(offset)) : null;
  const end = type === STRING && offset < data.length ? data.indexOf(0, offset) : -1;
  return end === -1 ? null : data.toString('utf8', offset, end);
}

import { createHash } from 'node:crypto';
import type { TarEntry, TarMember } from '@envarium/oci';
import { byteString } from './byte-string.js';
import type { ByteString, FileRecord, FileType } from './file-record.js';
import { factSourceOf, type FoundFact, MAX_FACT_SIZE } from './packages/facts.js';
import type { PackageSource } from './packages/package-source.js';
import { packageSourceOf, readPackageFile, type PackageFinding } from './packages/read-packages.js';
import { type FoundProgram, programReaderOf } from './programs/program-reader.js';

/** What is known of a file while the layers are read. */
export interface ListedRecord extends FileRecord {
  /** What it says about packages; null: it is no such file. */
  readonly finding: PackageFinding | null;
  /** What it says about the system, an interpreter or machines. */
  readonly fact: FoundFact | FoundProgram | null;
}

/** Of the content of one file. */
interface Content {
  readonly sha256: string;
  readonly finding: PackageFinding | null;
  readonly fact: ListedRecord['fact'];
}

const XATTR = 'SCHILY.xattr.';
/** No file system keeps more. */
const NANOSECOND_DIGITS = 9;

export async function recordOf(member: TarMember, type: FileType, path: ByteString): Promise<ListedRecord> {
  const content = type === 'file' ? await readContent(member, path) : null;
  const isDevice = type === 'character-device' || type === 'block-device';
  return {
    type,
    // Linux has one for all links, whatever a builder writes.
    mode: type === 'symlink' ? 0o777 : member.mode,
    uid: member.uid,
    gid: member.gid,
    size: type === 'file' ? member.size : 0,
    sha256: content?.sha256 ?? null,
    target: type === 'symlink' ? byteString(member.rawLinkname) : null,
    device: isDevice ? `${member.devMajor}:${member.devMinor}` : null,
    xattrs: xattrsOf(member),
    mtime: exactTime(member),
    finding: content?.finding ?? null,
    fact: content?.fact ?? null,
  };
}

async function readContent(member: TarMember, path: ByteString): Promise<Content> {
  const hash = createHash('sha256');
  const source = packageSourceOf(path);
  const program = programReaderOf(path);
  const factSource = source === null ? factSourceOf(path) : null;
  const kept = source === null ? (factSource === null ? 0 : MAX_FACT_SIZE) : keptSize(source, member.size);
  const head = Buffer.allocUnsafe(Math.min(kept, member.size));
  let length = 0;
  for await (const chunk of member.body) {
    hash.update(chunk);
    program?.push(chunk);
    if (length === head.length) continue;
    // A copy: the chunk belongs to whoever decompresses.
    const part = chunk.subarray(0, head.length - length);
    head.set(part, length);
    length += part.length;
  }
  const content = head.subarray(0, length);
  return {
    sha256: hash.digest('hex'),
    finding: source && readPackageFile(source, content, member.size),
    fact: factSource?.read(content.toString('utf8')) ?? program?.read() ?? null,
  };
}

function keptSize({ maxSize, isHeadEnough }: PackageSource, size: number): number {
  return size > maxSize && !isHeadEnough ? 0 : maxSize;
}

/** Only those of the member itself: container runtimes do not carry global ones over. */
function xattrsOf({ pax }: TarEntry): FileRecord['xattrs'] {
  if (pax.size === 0) return NO_XATTRS;
  const xattrs = [...pax].filter(([key, value]) => key.startsWith(XATTR) && value.length > 0);
  return xattrs
    .map(([key, value]) => [key.slice(XATTR.length), Buffer.from(value).toString('base64')] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

const NO_XATTRS: FileRecord['xattrs'] = [];

function exactTime({ mtime, pax, globalPax }: TarEntry): string {
  const bytes = pax.get('mtime') ?? globalPax.get('mtime');
  if (bytes === undefined || bytes.length === 0) return String(mtime);
  const { sign, whole, fraction } =
    /^(?<sign>-?)0*(?<whole>\d+)(?:\.(?<fraction>\d*))?$/.exec(Buffer.from(bytes).toString('latin1'))?.groups ?? {};
  const digits = (fraction ?? '').slice(0, NANOSECOND_DIGITS).replace(/0+$/, '');
  if (digits === '') return whole === '0' ? '0' : `${sign ?? ''}${whole ?? '0'}`;
  return `${sign ?? ''}${whole ?? '0'}.${digits}`;
}

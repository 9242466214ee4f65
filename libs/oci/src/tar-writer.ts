import { ArchiveError } from '@envarium/errors';
import { encodePax } from './pax.js';
import { encodeTarHeader, fitsOctal, TAR_BLOCK } from './tar-header.js';

/** What a member is; its bytes are in `TarInput`. */
export interface TarInputHeader {
  /** UTF-8; a directory may end in a slash. */
  readonly path: string;
  /** Default: file, mode 0644; directories 0755. */
  readonly type?: 'file' | 'directory' | 'symlink' | 'hardlink';
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Seconds since 1970; default 0, so that the same content gives the same tar. */
  readonly mtime?: number;
  /** Bytes of the body; default 0. */
  readonly size?: number;
  /** Target of a link. */
  readonly linkname?: string;
}

/**
 * Opens the bytes of a body.
 * @param range only these, first and last position included; only `tarRange` asks for less than all
 */
export type TarBody = (range?: { readonly start: number; readonly end: number }) => AsyncIterable<Uint8Array>;

export interface TarInput extends TarInputHeader {
  /** Bytes, or a function that opens them when their turn comes. Must give exactly `size` bytes. */
  readonly body?: Uint8Array | TarBody;
}

const TYPEFLAGS = { file: '0', hardlink: '1', symlink: '2', directory: '5' } as const;
const NAME_LENGTH = 100;
const ID_LENGTH = 8;
const SIZE_LENGTH = 12;
export const TAR_END_LENGTH = 2 * TAR_BLOCK;

/**
 * Writes a POSIX tar. Equal input gives equal bytes: no clock, no user names, no padding to a device's block size.
 * @throws ArchiveError SIZE_INVALID when a body is not as long as announced
 */
export async function* tarEntries(
  entries: Iterable<TarInput> | AsyncIterable<TarInput>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const entry of entries) {
    yield tarHeader(entry);
    const size = entry.size ?? 0;
    let written = 0;
    for await (const chunk of bodyChunks(entry)) {
      written += chunk.length;
      if (written > size) break;
      yield chunk;
    }
    if (written !== size) {
      throw new ArchiveError('SIZE_INVALID', { path: entry.path, expected: size, actual: written });
    }
    if (tarPadding(size) > 0) yield new Uint8Array(tarPadding(size));
  }
  yield new Uint8Array(TAR_END_LENGTH);
}

/** Exact length of what `tarEntries` will write, for a Content-Length in advance. */
export function tarLength(entries: Iterable<TarInputHeader>): number {
  let length = TAR_END_LENGTH;
  for (const entry of entries) {
    const size = entry.size ?? 0;
    length += tarHeader(entry).length + size + tarPadding(size);
  }
  return length;
}

async function* bodyChunks(entry: TarInput): AsyncGenerator<Uint8Array, void, undefined> {
  if (entry.body === undefined) return;
  if (entry.body instanceof Uint8Array) yield entry.body;
  else yield* entry.body();
}

/** Zeros after a body, up to the next block. */
export function tarPadding(size: number): number {
  return (TAR_BLOCK - (size % TAR_BLOCK)) % TAR_BLOCK;
}

/** Everything before the body: the header block, and the extended header that some need. */
export function tarHeader(entry: TarInputHeader): Uint8Array {
  const type = entry.type ?? 'file';
  const header = {
    name: Buffer.from(entry.path),
    mode: entry.mode ?? (type === 'directory' ? 0o755 : 0o644),
    uid: entry.uid ?? 0,
    gid: entry.gid ?? 0,
    size: entry.size ?? 0,
    mtime: entry.mtime ?? 0,
    typeflag: TYPEFLAGS[type],
    linkname: Buffer.from(entry.linkname ?? ''),
    uname: new Uint8Array(0),
    gname: new Uint8Array(0),
    devMajor: 0,
    devMinor: 0,
  };
  const records = new Map<string, Uint8Array>();
  if (!fitsName(header.name)) records.set('path', header.name);
  if (!fitsName(header.linkname)) records.set('linkpath', header.linkname);
  for (const key of ['uid', 'gid', 'size', 'mtime'] as const) {
    if (!fitsOctal(header[key], key === 'size' || key === 'mtime' ? SIZE_LENGTH : ID_LENGTH)) {
      records.set(key, Buffer.from(decimal(header[key])));
    }
  }
  const block = encodeTarHeader({ ...header, name: asciiName(header.name), linkname: asciiName(header.linkname) });
  if (records.size === 0) return block;
  return Buffer.concat([extendedHeader(asciiName(header.name), encodePax(records)), block]);
}

function extendedHeader(name: Uint8Array, records: Uint8Array): Uint8Array {
  const header = encodeTarHeader({
    name: Buffer.concat([Buffer.from('PaxHeaders/'), name]).subarray(0, NAME_LENGTH),
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: records.length,
    mtime: 0,
    typeflag: 'x',
    linkname: new Uint8Array(0),
    uname: new Uint8Array(0),
    gname: new Uint8Array(0),
    devMajor: 0,
    devMinor: 0,
  });
  const padding = new Uint8Array(tarPadding(records.length));
  return Buffer.concat([header, records, padding]);
}

/** Never in exponents, which PAX does not know; nanoseconds are the finest any file system keeps. */
function decimal(value: number): string {
  return Number.isInteger(value) ? BigInt(value).toString() : value.toFixed(9);
}

/** The old fields hold ASCII for certain; everything else depends on the reader's locale. */
function fitsName(name: Uint8Array): boolean {
  return name.length <= NAME_LENGTH && name.every((byte) => byte > 0 && byte < 0x80);
}

/** What readers without PAX see. */
function asciiName(name: Uint8Array): Uint8Array {
  return name.map((byte) => (byte > 0 && byte < 0x80 ? byte : 0x5f)).subarray(0, NAME_LENGTH);
}

import { ArchiveError, type ErrorDetail } from '@envarium/errors';
import type { ByteReader } from './byte-reader.js';
import { parsePax, type PaxRecords } from './pax.js';
import { parseGlobalPax, tarEntry, type TarEntry, type TarExtensions } from './tar-entry.js';
import { isZeroBlock, parseTarHeader, TAR_BLOCK, type TarHeader } from './tar-header.js';

export interface TarLimits {
  /** Headers of any kind, so that a tar of extended headers alone ends too. */
  readonly maxEntries: number;
  /** Bytes of a path or link target. */
  readonly maxPathLength: number;
  /** Bytes of one body. */
  readonly maxEntrySize: number;
  /** Bytes of all bodies, and of what stands behind the end marker. */
  readonly maxTotalSize: number;
  /**
   * `required`: a tar that just ends is truncated. `optional`: for layers whose digest is checked anyway, because some
   * image builders write none and every container runtime accepts that.
   */
  readonly endMarker: 'required' | 'optional';
}

/** Paths are at most PATH_MAX of Linux. */
export const TAR_LIMITS: TarLimits = {
  maxEntries: 1_000_000,
  maxPathLength: 4096,
  maxEntrySize: Number.MAX_SAFE_INTEGER,
  maxTotalSize: 2 ** 40,
  endMarker: 'required',
};

/** As in Go's archive/tar: no image that runs has more. */
const EXTENDED_HEADER_MAX_SIZE = 1024 * 1024;
/** Of one member, and of all global headers together. */
const PAX_MAX_RECORDS = 1024;

interface Pending {
  pax: PaxRecords | null;
  gnuLongName: Uint8Array | null;
  gnuLongLink: Uint8Array | null;
}

/**
 * Yields the members in order; when resumed it skips what the consumer has left of the body.
 * @throws ArchiveError ARCHIVE_INVALID with `reason` and the `offset` of the header at fault
 */
export async function* walkTar(reader: ByteReader, limits: TarLimits): AsyncGenerator<TarEntry, void, undefined> {
  let globalPax: PaxRecords = new Map();
  let globalRecords = 0;
  let pending = noPending();
  let totalSize = 0;
  for (let count = 0; ;) {
    const at = reader.offset;
    const header = await nextHeader(reader, limits);
    if (header === null) {
      if (hasPending(pending)) throw invalid('extended-header-without-entry', at);
      return;
    }
    count += 1;
    if (count > limits.maxEntries) throw invalid('limit', at, { limit: 'maxEntries', value: limits.maxEntries });

    if (header.typeflag === 'g') {
      const records = parseGlobalPax(await extendedHeader(reader, header, at), PAX_MAX_RECORDS);
      if (typeof records === 'string') throw invalid(records, at);
      globalRecords += records.size;
      if (globalRecords > PAX_MAX_RECORDS) throw invalid('pax-records-limit', at);
      globalPax = new Map([...globalPax, ...records]);
    } else if (isExtension(header.typeflag)) {
      pending = withExtension(pending, header.typeflag, await extendedHeader(reader, header, at), at);
    } else {
      const entry = checkedEntry(header, { ...pending, globalPax }, reader.offset, at, limits);
      pending = noPending();
      totalSize += entry.size;
      if (totalSize > limits.maxTotalSize) {
        throw invalid('limit', at, { limit: 'maxTotalSize', value: limits.maxTotalSize });
      }
      const end = entry.offset + padded(entry.size);
      yield entry;
      await reader.skip(end - reader.offset);
    }
  }
}

/** @returns null at the end of the archive */
async function nextHeader(reader: ByteReader, limits: TarLimits): Promise<TarHeader | null> {
  const at = reader.offset;
  const block = await reader.read(TAR_BLOCK);
  if (block === null) {
    if (limits.endMarker === 'required') throw invalid('truncated', at);
    return null;
  }
  if (isZeroBlock(block)) {
    await readEnd(reader, limits);
    return null;
  }
  const header = parseTarHeader(block);
  if ('fault' in header) throw invalid(`header-${header.fault}`, at, { field: header.field });
  return header;
}

/**
 * Two zero blocks end the archive; one and nothing more is forgiven. Reads to the end of the input, so that a digest over
 * it covers every byte.
 */
async function readEnd(reader: ByteReader, limits: TarLimits): Promise<void> {
  const at = reader.offset;
  const second = await reader.read(TAR_BLOCK);
  if (second === null) return;
  if (!isZeroBlock(second)) throw invalid('lone-zero-block', at);
  if (await reader.drain(limits.maxTotalSize)) return;
  throw invalid('limit', at, { limit: 'maxTotalSize', value: limits.maxTotalSize });
}

async function extendedHeader(reader: ByteReader, header: TarHeader, at: number): Promise<Uint8Array> {
  if (header.size > EXTENDED_HEADER_MAX_SIZE) {
    throw invalid('limit', at, { limit: 'extendedHeaderSize', value: EXTENDED_HEADER_MAX_SIZE });
  }
  if (header.size === 0) return new Uint8Array(0);
  const block = await reader.read(padded(header.size));
  if (block === null) throw invalid('truncated', reader.offset);
  return block.subarray(0, header.size);
}

function isExtension(typeflag: string): boolean {
  return typeflag === 'x' || typeflag === 'L' || typeflag === 'K';
}

/** Refuses what readers resolve differently: a second header of a kind, and POSIX and GNU headers for one member. */
function withExtension(pending: Pending, typeflag: string, bytes: Uint8Array, at: number): Pending {
  const isGnu = typeflag !== 'x';
  const conflicts = isGnu ? pending.pax !== null : pending.gnuLongName !== null || pending.gnuLongLink !== null;
  if (conflicts) throw invalid('extended-header-conflict', at);
  const key = typeflag === 'x' ? 'pax' : typeflag === 'L' ? 'gnuLongName' : 'gnuLongLink';
  if (pending[key] !== null) throw invalid('extended-header-repeated', at);
  if (isGnu) return { ...pending, [key]: untilNul(bytes) };
  const pax = parsePax(bytes, PAX_MAX_RECORDS);
  if (typeof pax === 'string') throw invalid(pax, at);
  return { ...pending, pax };
}

function checkedEntry(
  header: TarHeader,
  extensions: TarExtensions,
  bodyOffset: number,
  at: number,
  limits: TarLimits,
): TarEntry {
  const entry = tarEntry(header, extensions, bodyOffset);
  if (typeof entry === 'string') throw invalid(entry, at);
  if (entry.rawPath.length > limits.maxPathLength || entry.rawLinkname.length > limits.maxPathLength) {
    throw invalid('limit', at, { limit: 'maxPathLength', value: limits.maxPathLength });
  }
  if (entry.size > limits.maxEntrySize) {
    throw invalid('limit', at, { limit: 'maxEntrySize', value: limits.maxEntrySize, path: entry.path });
  }
  return entry;
}

function noPending(): Pending {
  return { pax: null, gnuLongName: null, gnuLongLink: null };
}

function hasPending(pending: Pending): boolean {
  return pending.pax !== null || pending.gnuLongName !== null || pending.gnuLongLink !== null;
}

function untilNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return new Uint8Array(end === -1 ? bytes : bytes.subarray(0, end));
}

/** Bodies fill whole blocks. */
function padded(size: number): number {
  return Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
}

function invalid(reason: string, offset: number, detail: ErrorDetail = {}): ArchiveError {
  return new ArchiveError('ARCHIVE_INVALID', { reason, offset, ...detail });
}

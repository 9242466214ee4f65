import { ArchiveError } from '@envarium/errors';

/** A file, an object in a store, or bytes in memory: anything that can be read at an offset. */
export interface RandomAccessSource {
  readonly size: number;
  /** Gives exactly `length` bytes; is never asked for none, nor for any beyond `size`. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

const STREAM_CHUNK = 1024 * 1024;

export function bytesSource(bytes: Uint8Array): RandomAccessSource {
  return {
    size: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
  };
}

/** A window of another source. The caller has checked that the window lies inside. */
export function sliceSource(source: RandomAccessSource, start: number, size: number): RandomAccessSource {
  return {
    size,
    read: (offset, length) => source.read(start + offset, length),
  };
}

/** @throws ArchiveError ARCHIVE_INVALID when the source ends before the bytes it announced */
export async function readExactly(source: RandomAccessSource, offset: number, length: number): Promise<Uint8Array> {
  if (length === 0) return new Uint8Array(0);
  const bytes = await source.read(offset, length);
  if (bytes.length === length) return bytes;
  throw new ArchiveError('ARCHIVE_INVALID', { reason: 'truncated', offset: offset + bytes.length });
}

/** All bytes, for content that has been found small enough. */
export async function readAll(source: RandomAccessSource): Promise<Uint8Array> {
  return readExactly(source, 0, source.size);
}

export async function* streamSource(source: RandomAccessSource): AsyncIterable<Uint8Array> {
  for (let offset = 0; offset < source.size; offset += STREAM_CHUNK) {
    yield await readExactly(source, offset, Math.min(STREAM_CHUNK, source.size - offset));
  }
}

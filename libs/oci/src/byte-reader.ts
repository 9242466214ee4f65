import { ArchiveError } from '@envarium/errors';
import { readExactly, type RandomAccessSource } from './random-access.js';

/** Forward reading that knows where it is. A stream and a random-access source read alike, so that one tar parser serves both. */
export interface ByteReader {
  /** Bytes read or skipped so far. */
  readonly offset: number;
  /** @returns null at a clean end; @throws ArchiveError ARCHIVE_INVALID when the input ends within the bytes */
  read(length: number): Promise<Uint8Array | null>;
  /** Some bytes, at least one and at most `maxLength`, as they come; @throws as `read`, also at a clean end */
  readSome(maxLength: number): Promise<Uint8Array>;
  skip(length: number): Promise<void>;
  /** Reads what is left; false when that is more than `maxLength`. */
  drain(maxLength: number): Promise<boolean>;
  /** Tells the input that no more will be read. */
  close(): Promise<void>;
}

const WINDOW = 16 * 1024;

export function streamReader(content: AsyncIterable<Uint8Array>): ByteReader {
  const input = content[Symbol.asyncIterator]();
  let offset = 0;
  let chunk: Uint8Array = new Uint8Array(0);

  /** @returns false at the end of the input */
  async function fill(): Promise<boolean> {
    while (chunk.length === 0) {
      const next = await input.next();
      if (next.done === true) return false;
      chunk = next.value;
    }
    return true;
  }

  function take(maxLength: number): Uint8Array {
    const taken = chunk.subarray(0, maxLength);
    chunk = chunk.subarray(taken.length);
    offset += taken.length;
    return taken;
  }

  return {
    get offset() {
      return offset;
    },
    async read(length) {
      if (!(await fill())) return null;
      const parts = [take(length)];
      for (let missing = length - (parts[0]?.length ?? 0); missing > 0;) {
        if (!(await fill())) throw truncated(offset);
        const part = take(missing);
        parts.push(part);
        missing -= part.length;
      }
      return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
    },
    async readSome(maxLength) {
      if (!(await fill())) throw truncated(offset);
      return take(maxLength);
    },
    async skip(length) {
      for (const end = offset + length; offset < end;) {
        if (!(await fill())) throw truncated(offset);
        take(end - offset);
      }
    },
    async drain(maxLength) {
      const end = offset + maxLength;
      while (await fill()) {
        take(chunk.length);
        if (offset > end) return false;
      }
      return true;
    },
    async close() {
      await input.return?.();
    },
  };
}

/** Reads small windows, so that a walk over headers touches little of a large source. */
export function randomAccessReader(source: RandomAccessSource): ByteReader {
  let offset = 0;
  let window: Uint8Array = new Uint8Array(0);
  let windowStart = 0;

  async function readAt(length: number): Promise<Uint8Array> {
    if (offset < windowStart || offset + length > windowStart + window.length) {
      windowStart = offset;
      window = await readExactly(source, offset, Math.min(Math.max(length, WINDOW), source.size - offset));
    }
    const bytes = window.subarray(offset - windowStart, offset - windowStart + length);
    offset += length;
    return bytes;
  }

  return {
    get offset() {
      return offset;
    },
    async read(length) {
      if (offset === source.size) return null;
      if (offset + length > source.size) throw truncated(source.size);
      return readAt(length);
    },
    async readSome(maxLength) {
      if (offset === source.size) throw truncated(offset);
      return readAt(Math.min(maxLength, WINDOW, source.size - offset));
    },
    async skip(length) {
      if (offset + length > source.size) throw truncated(source.size);
      offset += length;
    },
    async drain(maxLength) {
      const rest = source.size - offset;
      offset = source.size;
      return rest <= maxLength;
    },
    close: async () => undefined,
  };
}

function truncated(offset: number): ArchiveError {
  return new ArchiveError('ARCHIVE_INVALID', { reason: 'truncated', offset });
}

import { createHash } from 'node:crypto';
import { ArchiveError, type ErrorCode, type ErrorDetail } from '@envarium/errors';
import { parseDigest, type Digest, type DigestAlgorithm } from '@envarium/oci';
import { expect } from 'vitest';
import type { Store } from './store.js';

export const MIB = 1 << 20;

/** An empty store of one driver, with what a test needs to look behind it. */
export interface StoreFixture {
  /** Opens the same store anew, as another process would. */
  open(): Promise<Store>;
  /** Names of everything in staging, with unfinished multipart uploads. */
  staged(): Promise<string[]>;
  /** Changes the stored bytes of a blob behind the back of the store. */
  damage(digest: Digest, change: (bytes: Buffer) => Buffer): Promise<void>;
  /** Throws when the fixture finds that something was left open. */
  dispose(): Promise<void>;
}

export interface Content {
  readonly digest: Digest;
  readonly size: number;
  /** The bytes from `start` to `end` (excluded), in chunks as a socket gives them. */
  chunks(start?: number, end?: number): AsyncGenerator<Buffer>;
}

const CHUNK = 64 << 10;

/** Content of a size, other for every seed; no two chunks of it are alike, so that none can be lost or swapped. */
export function buildContent(size: number, seed: number, algorithm: DigestAlgorithm = 'sha256'): Content {
  const hash = createHash(algorithm);
  for (let start = 0; start < size; start += CHUNK) hash.update(chunkAt(start, Math.min(size, start + CHUNK), seed));
  return {
    digest: parseDigest(`${algorithm}:${hash.digest('hex')}`),
    size,
    async *chunks(start = 0, end = size) {
      let position = start;
      while (position < end) {
        const next = Math.min(end, position - (position % CHUNK) + CHUNK);
        yield chunkAt(position, next, seed);
        position = next;
      }
    },
  };
}

/** The bytes of a content, then an error. */
export async function* breakingOff(content: Content, end: number, error: Error): AsyncGenerator<Buffer> {
  yield* content.chunks(0, end);
  throw error;
}

/** Hex sha256 and number of bytes of a stream. */
export async function summarize(chunks: AsyncIterable<Uint8Array>): Promise<{ sha256: string; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { sha256: hash.digest('hex'), size };
}

/** Expects an ArchiveError; `detail` may name some of its fields only. */
export async function expectFailure(work: Promise<unknown>, code: ErrorCode, detail: ErrorDetail = {}): Promise<void> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ArchiveError);
  if (!(error instanceof ArchiveError)) return;
  expect({ code: error.code, detail: error.detail }).toMatchObject({ code, detail });
}

/** `start` and `end` are within one chunk. */
function chunkAt(start: number, end: number, seed: number): Buffer {
  const chunk = Buffer.alloc(CHUNK, seed);
  chunk.writeUInt32LE(Math.floor(start / CHUNK), 4);
  return chunk.subarray(start % CHUNK, (start % CHUNK) + end - start);
}

export function flipByte(bytes: Buffer): Buffer {
  const damaged = Buffer.from(bytes);
  const middle = Math.floor(damaged.length / 2);
  damaged[middle] = (damaged[middle] ?? 0) ^ 1;
  return damaged;
}

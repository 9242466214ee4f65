import { IncomingMessage } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ArchiveError } from '@envarium/errors';
import type { Digest } from '@envarium/oci';
import type { BlobReader } from '../blob-store.js';
import { blobKey } from '../layout.js';
import type { S3Bucket } from './s3-bucket.js';
import { storeError } from './s3-errors.js';

interface ObjectPart {
  readonly digest: Digest;
  readonly size: number;
  readonly start: number;
  readonly length: number;
}

/** Asks S3 for the bytes only when they are wanted, so that a reader nobody uses holds no connection. */
export class S3Reader implements BlobReader {
  readonly size: number;
  readonly start: number;
  readonly length: number;
  readonly #bucket: S3Bucket;
  readonly #digest: Digest;
  #stream: Readable | null = null;

  constructor(bucket: S3Bucket, part: ObjectPart) {
    this.#bucket = bucket;
    this.#digest = part.digest;
    this.size = part.size;
    this.start = part.start;
    this.length = part.length;
  }

  async pipeTo(destination: Writable): Promise<void> {
    let failed: 'store' | 'destination' | null = null;
    const onDestinationGone = (): void => {
      failed ??= 'destination';
    };
    destination.on('close', onDestinationGone).on('error', onDestinationGone);
    try {
      if (destination.destroyed) throw new ArchiveError('CLIENT_CLOSED_REQUEST');
      const stream = await this.#open();
      if (stream === null) return await endOf(destination);
      stream.on('error', () => {
        failed ??= 'store';
      });
      await pipeline(stream, destination);
    } catch (error) {
      destination.destroy();
      if (error instanceof ArchiveError) throw error;
      if (failed === 'destination') throw new ArchiveError('CLIENT_CLOSED_REQUEST', {}, { cause: error });
      throw storeError({ name: 'GetObject', key: blobKey(this.#digest) }, error);
    } finally {
      destination.off('close', onDestinationGone).off('error', onDestinationGone);
      await this.close();
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    try {
      const stream = await this.#open();
      if (stream === null) return;
      const chunks: AsyncIterator<Buffer> = stream[Symbol.asyncIterator]();
      for (;;) {
        const next = await chunks.next().catch((error: unknown) => {
          throw storeError({ name: 'GetObject', key: blobKey(this.#digest) }, error);
        });
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    this.#stream?.destroy();
  }

  async #open(): Promise<Readable | null> {
    if (this.length === 0) return null;
    const stream = await this.#bucket.read(blobKey(this.#digest), this.start, this.length);
    if (stream === null) throw new ArchiveError('BLOB_UNKNOWN', { digest: this.#digest });
    this.#stream = stream;
    try {
      assertLength(stream, this.length);
      return stream;
    } catch (error) {
      if (!(error instanceof LengthError)) throw error;
      const { expected, actual } = error;
      throw new ArchiveError('BLOB_CORRUPT', { digest: this.#digest, expected, actual }, { cause: error });
    }
  }
}

class LengthError extends Error {
  constructor(
    readonly expected: number,
    readonly actual: number,
  ) {
    super(`S3 announced ${actual} bytes instead of ${expected}`);
  }
}

/** HTTP guards the announced length: an answer that breaks off is an error of the stream. So check the announcement. */
export function assertLength(stream: Readable, expected: number): void {
  const announced = stream instanceof IncomingMessage ? Number(stream.headers['content-length']) : expected;
  if (announced !== expected) throw new LengthError(expected, announced);
}

async function endOf(destination: Writable): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    destination.once('error', reject);
    destination.end(resolve);
  });
}

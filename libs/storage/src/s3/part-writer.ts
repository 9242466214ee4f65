import { ArchiveError } from '@envarium/errors';
import { Batches, BufferPool } from '../batches.js';
import { MAX_PARTS, PART_SIZE, type S3Bucket } from './s3-bucket.js';

/** One buffer is filled while the others are on their way. */
const BUFFERS_PER_UPLOAD = 3;

const pool = new BufferPool(PART_SIZE, BUFFERS_PER_UPLOAD);

/**
 * Sends a stream to a key as parts of a multipart upload. Nothing can be seen at the key before `complete`. The upload
 * begins with the first whole part, so that small content never needs one.
 */
export class PartWriter {
  readonly key: string;
  readonly #bucket: S3Bucket;
  readonly #batches = new Batches(pool, BUFFERS_PER_UPLOAD, (part) => this.#send(part));
  readonly #etags: string[];
  #partCount: number;
  #uploadId: Promise<string> | null;
  #failure: unknown = null;

  /** @param begun an upload that already has parts, from 1 without a gap */
  constructor(bucket: S3Bucket, key: string, begun?: { readonly uploadId: string; readonly etags: readonly string[] }) {
    this.#bucket = bucket;
    this.key = key;
    this.#etags = [...(begun?.etags ?? [])];
    this.#partCount = this.#etags.length;
    this.#uploadId = begun === undefined ? null : Promise.resolve(begun.uploadId);
  }

  get hasParts(): boolean {
    return this.#uploadId !== null;
  }

  /** Tells a failure of S3, thrown by `write` or `settle`, from one of the source. */
  get hasFailed(): boolean {
    return this.#failure !== null;
  }

  /** Copies the chunk. The promise says when the next may come; there is none while buffers are free. */
  write(chunk: Uint8Array): Promise<void> | undefined {
    return this.#batches.write(chunk);
  }

  /** The bytes after the last whole part, valid until `release`. */
  rest(): Buffer {
    return this.#batches.rest();
  }

  /** Resolves with the upload so far, when all whole parts have arrived; null when there was none. */
  async settle(): Promise<{ uploadId: string; etags: readonly string[] } | null> {
    await this.#batches.settle();
    return this.#uploadId && { uploadId: await this.#uploadId, etags: this.#etags };
  }

  /** Sends the rest as the last part, and shows the object. @param newSize as in `completeUpload` */
  async complete(newSize?: number): Promise<void> {
    const rest = this.rest();
    if (rest.length > 0) await this.#send(rest);
    const upload = await this.settle();
    if (upload !== null) await this.#bucket.completeUpload(this.key, upload.uploadId, upload.etags, newSize);
  }

  async abort(): Promise<void> {
    await this.#batches.release();
    const uploadId = await this.#uploadId?.catch(() => null);
    if (uploadId) await this.#bucket.abortUpload(this.key, uploadId);
  }

  /** Must be called in every case: nothing is in flight afterwards. */
  async release(): Promise<void> {
    await this.#batches.release();
  }

  async #send(part: Buffer): Promise<void> {
    try {
      const number = (this.#partCount += 1);
      if (number > MAX_PARTS) throw new ArchiveError('BODY_TOO_LARGE', { limit: MAX_PARTS * PART_SIZE });
      this.#uploadId ??= this.#bucket.startUpload(this.key);
      this.#etags[number - 1] = await this.#bucket.uploadPart(this.key, await this.#uploadId, number, part);
    } catch (error) {
      this.#failure ??= error;
      throw error;
    }
  }
}

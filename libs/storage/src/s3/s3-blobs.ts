import { randomUUID } from 'node:crypto';
import { ArchiveError } from '@envarium/errors';
import type { Digest } from '@envarium/oci';
import type { BlobRemoval, BlobStore, ByteRange, PutExpectation, StoredBlob } from '../blob-store.js';
import { resolveRange } from '../byte-range.js';
import { pour, type ByteSource } from '../byte-source.js';
import { ContentCheck } from '../content-check.js';
import { BLOBS, STAGING, blobKey, digestOfKey } from '../layout.js';
import { verifyContent, type Verification, type VerifyOptions } from '../verification.js';
import { PartWriter } from './part-writer.js';
import type { S3Bucket } from './s3-bucket.js';
import { S3Reader } from './s3-reader.js';

export class S3Blobs implements BlobStore, BlobRemoval {
  readonly #bucket: S3Bucket;

  constructor(bucket: S3Bucket) {
    this.#bucket = bucket;
  }

  async stat(digest: Digest): Promise<{ size: number } | null> {
    const present = await this.#bucket.stat(blobKey(digest));
    return present && { size: present.size };
  }

  async open(digest: Digest, range?: ByteRange): Promise<S3Reader> {
    const present = await this.stat(digest);
    if (present === null) throw new ArchiveError('BLOB_UNKNOWN', { digest });
    return new S3Reader(this.#bucket, { digest, size: present.size, ...resolveRange(range, present.size) });
  }

  /**
   * Up to one part: checked in memory, one PUT. More: parts go to the final key when the digest is known before, else to
   * a staging key, and are shown only after they were checked.
   */
  async put(source: ByteSource, expect: PutExpectation): Promise<StoredBlob> {
    const key = expect.digest === undefined ? `${STAGING}/${randomUUID()}.put` : blobKey(expect.digest);
    const writer = new PartWriter(this.#bucket, key);
    const check = new ContentCheck(expect);
    try {
      await pour(source, (chunk) => {
        check.admit(chunk.length);
        check.update(chunk);
        return writer.write(chunk);
      });
      await writer.settle();
      const blob = check.conclude();
      if (expect.heal !== true && (await this.isStored(blob))) await writer.abort();
      else if (writer.hasParts) await this.#show(writer, blob, expect.heal === true);
      else await this.#bucket.write(blobKey(blob.digest), writer.rest());
      return blob;
    } catch (error) {
      // The failure that brought us here is the one to tell; what it leaves behind, `expire` finds.
      await writer.abort().catch(() => undefined);
      throw error;
    } finally {
      await writer.release();
    }
  }

  async *list(): AsyncGenerator<StoredBlob> {
    for await (const { key, size } of this.#bucket.list(`${BLOBS}/`)) {
      const digest = digestOfKey(key);
      if (digest !== null) yield { digest, size };
    }
  }

  async verify(digest: Digest, options: VerifyOptions = {}): Promise<Verification> {
    const present = await this.stat(digest);
    if (present === null) return { outcome: 'missing' };
    const reader = new S3Reader(this.#bucket, { digest, size: present.size, start: 0, length: present.size });
    return await verifyContent(reader, digest, options);
  }

  async remove(digest: Digest): Promise<void> {
    await this.#bucket.remove(blobKey(digest));
  }

  async isStored({ digest, size }: StoredBlob): Promise<boolean> {
    return (await this.stat(digest))?.size === size;
  }

  /** Copies verified bytes to the key of their digest. */
  async publish(stagingKey: string, blob: StoredBlob): Promise<void> {
    const key = blobKey(blob.digest);
    await this.#bucket.copy(stagingKey, key, blob.size);
    const actual = (await this.stat(blob.digest))?.size ?? null;
    if (actual === blob.size) return;
    throw new ArchiveError('STORE_UNAVAILABLE', { call: 'CopyObject', key, expected: blob.size, actual });
  }

  async #show(writer: PartWriter, blob: StoredBlob, isForced: boolean): Promise<void> {
    const isFinalKey = writer.key === blobKey(blob.digest);
    // Where a damaged copy of the same size may be in the way, finding one there proves nothing.
    await writer.complete(isFinalKey && isForced ? undefined : blob.size);
    if (isFinalKey) return;
    try {
      await this.publish(writer.key, blob);
    } finally {
      // Whether the blob is stored is decided; what stays behind, `expire` finds.
      await this.#bucket.remove(writer.key).catch(() => undefined);
    }
  }
}

import type { Hash } from 'node:crypto';
import { ArchiveError } from '@envarium/errors';
import { digestAlgorithm, digestEncoded } from '@envarium/oci';
import type { StoredBlob } from '../blob-store.js';
import { pour, type ByteSource } from '../byte-source.js';
import { ContentCheck } from '../content-check.js';
import { blobKey, stagingKey } from '../layout.js';
import { LiveHashes } from '../live-hashes.js';
import type { Appended, CommitExpectation, StagingArea } from '../staging-area.js';
import { UploadGuard } from '../upload-guard.js';
import { PartWriter } from './part-writer.js';
import type { S3Blobs } from './s3-blobs.js';
import type { S3Bucket } from './s3-bucket.js';
import { isMissing, s3Code, storeError } from './s3-errors.js';
import { assertLength } from './s3-reader.js';
import { abortForgotten, expireStaging } from './expire-staging.js';
import {
  readState,
  readTail,
  receivedBytes,
  sha256Of,
  stateKey,
  tailKey,
  writeState,
  type UploadState,
} from './upload-state.js';

const EMPTY_SHA256 = sha256Of(new Uint8Array());

/**
 * An upload is a multipart upload to its staging key; bytes that do not fill a part wait in an object of their own. It
 * stands where its state object says: what a crashed process sent after that is sent again.
 */
export class S3Staging implements StagingArea {
  readonly #bucket: S3Bucket;
  readonly #blobs: S3Blobs;
  readonly #live = new LiveHashes();
  readonly #guard = new UploadGuard();

  constructor(bucket: S3Bucket, blobs: S3Blobs) {
    this.#bucket = bucket;
    this.#blobs = blobs;
  }

  async create(id: string): Promise<void> {
    if ((await this.#bucket.stat(stateKey(id))) !== null) throw new ArchiveError('BLOB_UPLOAD_INVALID', { id });
    await writeState(this.#bucket, id, { uploadId: null, etags: [], tail: 0, tailSha256: null, sha256: EMPTY_SHA256 });
  }

  async size(id: string): Promise<number> {
    return receivedBytes(await readState(this.#bucket, id));
  }

  async append(id: string, offset: number, source: ByteSource): Promise<Appended> {
    return await this.#guard.exclusively(id, async () => {
      const state = await readState(this.#bucket, id);
      const size = receivedBytes(state);
      if (size !== offset) throw new ArchiveError('BLOB_UPLOAD_OFFSET', { expected: size, actual: offset });
      const hash = this.#hashAt(id, state);
      const { received, interruption } = await knownUpload(id, this.#receive(id, state, source, hash));
      const sha256 = hash && this.#live.keep(id, received, hash);
      if (interruption !== null) throw interruption.error;
      return { received, sha256 };
    });
  }

  async commit(id: string, expect: CommitExpectation): Promise<{ size: number }> {
    return await this.#guard.exclusively(id, async () => {
      const state = await readState(this.#bucket, id);
      const size = receivedBytes(state);
      const blob = { digest: expect.digest, size };
      try {
        if (expect.size !== undefined && expect.size !== size) {
          throw new ArchiveError('SIZE_INVALID', { expected: expect.size, actual: size });
        }
        const isNeeded = expect.heal === true || !(await this.#blobs.isStored(blob));
        if (state.uploadId === null) await this.#commitSmall(id, state, blob, isNeeded);
        else await this.#commitParts(id, state, blob, { isKnown: isKnown(state, blob), isNeeded });
      } catch (error) {
        const isRefused =
          error instanceof ArchiveError && (error.code === 'DIGEST_INVALID' || error.code === 'SIZE_INVALID');
        if (isRefused) await this.discard(id);
        throw error;
      }
      // The blob is stored; a failure to clean up must not say otherwise, and `expire` comes back to it.
      await (state.uploadId === null ? this.#forget(id) : this.discard(id)).catch(() => undefined);
      return { size };
    });
  }

  async discard(id: string): Promise<void> {
    // Uploads that no state speaks of, as the answer to their beginning was lost. Every store lists an exact key.
    const exact = stagingKey(id);
    await abortForgotten(this.#bucket, exact, ({ key }) => key === exact);
    await this.#forget(id);
  }

  async expire(olderThan: Date): Promise<number> {
    return await expireStaging(this.#bucket, olderThan, {
      isBusy: (id) => this.#guard.isBusy(id),
      discard: (id) => this.discard(id),
    });
  }

  /** The running hash, if it is of the bytes that the state speaks of. */
  #hashAt(id: string, state: UploadState): Hash | null {
    const hash = this.#live.take(id, receivedBytes(state));
    return hash?.copy().digest('hex') === state.sha256 ? hash : null;
  }

  async #forget(id: string): Promise<void> {
    this.#live.forget(id);
    const key = stagingKey(id);
    const state = await readState(this.#bucket, id).catch(() => null);
    if (state?.uploadId) await this.#bucket.abortUpload(key, state.uploadId);
    await this.#bucket.remove(key);
    for await (const object of this.#bucket.list(`${key}.tail-`)) await this.#bucket.remove(object.key);
    // Last: as long as the state is there, a discard that failed half-way can be repeated.
    await this.#bucket.remove(stateKey(id));
  }

  async #receive(
    id: string,
    state: UploadState,
    source: ByteSource,
    hash: Hash | null,
  ): Promise<{ received: number; interruption: { error: unknown } | null }> {
    const begun = state.uploadId === null ? undefined : { uploadId: state.uploadId, etags: state.etags };
    const writer = new PartWriter(this.#bucket, stagingKey(id), begun);
    let interruption: { error: unknown } | null = null;
    try {
      await writer.write(await readTail(this.#bucket, id, state));
      try {
        await pour(source, (chunk) => {
          hash?.update(chunk);
          return writer.write(chunk);
        });
      } catch (error) {
        if (writer.hasFailed) throw error;
        interruption = { error };
      }
      const next = await this.#save(id, writer, hash);
      if (next.etags.length > state.etags.length && state.tail > 0) {
        // The state no longer speaks of it; should this fail, discard and commit find it.
        await this.#bucket.remove(tailKey(id, state)).catch(() => undefined);
      }
      return { received: receivedBytes(next), interruption };
    } catch (error) {
      // Parts of an upload that the state will not speak of are lost; a failure after them leaves it open which it is.
      if (state.uploadId === null && writer.hasFailed) await writer.abort().catch(() => undefined);
      throw error;
    } finally {
      await writer.release();
    }
  }

  async #save(id: string, writer: PartWriter, hash: Hash | null): Promise<UploadState> {
    const upload = await writer.settle();
    const rest = writer.rest();
    const next = {
      uploadId: upload?.uploadId ?? null,
      etags: [...(upload?.etags ?? [])],
      tail: rest.length,
      tailSha256: sha256Of(rest),
      sha256: hash && hash.copy().digest('hex'),
    };
    if (rest.length > 0) await this.#bucket.write(tailKey(id, next), rest);
    await writeState(this.#bucket, id, next);
    return next;
  }

  async #commitSmall(id: string, state: UploadState, blob: StoredBlob, isNeeded: boolean): Promise<void> {
    const bytes = await readTail(this.#bucket, id, state);
    const check = new ContentCheck(blob);
    check.admit(bytes.length);
    check.update(bytes);
    check.conclude();
    if (isNeeded) await this.#bucket.write(blobKey(blob.digest), bytes);
  }

  async #commitParts(
    id: string,
    state: UploadState,
    blob: StoredBlob,
    { isKnown, isNeeded }: { isKnown: boolean; isNeeded: boolean },
  ): Promise<void> {
    await knownUpload(id, this.#assemble(id, state, blob.size));
    if (!isKnown) await this.#verify(stagingKey(id), blob);
    if (isNeeded) await this.#blobs.publish(stagingKey(id), blob);
  }

  /** Makes one object of parts and tail, unless a commit that failed later has done so already. */
  async #assemble(id: string, state: UploadState, size: number): Promise<void> {
    const key = stagingKey(id);
    if (state.uploadId === null || (await this.#bucket.stat(key))?.size === size) return;
    const tail = await readTail(this.#bucket, id, state);
    const writer = new PartWriter(this.#bucket, key, { uploadId: state.uploadId, etags: state.etags });
    try {
      await writer.write(tail);
      await writer.complete(size);
    } finally {
      await writer.release();
    }
  }

  async #verify(key: string, blob: StoredBlob): Promise<void> {
    const check = new ContentCheck(blob);
    const stream = await this.#bucket.read(key, 0, blob.size);
    if (stream === null) throw new ArchiveError('STORE_UNAVAILABLE', { call: 'GetObject', key });
    try {
      // Before the bytes: a service that gives fewer than it has must not pass for a client that sent fewer.
      assertLength(stream, blob.size);
      await pour(stream, (chunk) => {
        check.update(chunk);
        return undefined;
      });
    } catch (error) {
      stream.destroy();
      throw storeError({ name: 'GetObject', key }, error);
    }
    check.admit(blob.size);
    check.conclude();
  }
}

/**
 * Only the state is believed, not what this process or the caller remembers: it tells of the same bytes as its ETags. If
 * another writer wrote another state since, our memory is of bytes that do not count.
 */
function isKnown({ sha256 }: UploadState, { digest }: StoredBlob): boolean {
  return digestAlgorithm(digest) === 'sha256' && sha256 === digestEncoded(digest);
}

/**
 * S3 may have forgotten a multipart upload that our state speaks of: a lifecycle rule, a `discard` that broke off. Or it
 * may have other parts, of a writer that slept through its lease.
 */
async function knownUpload<T>(id: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const isOver = isMissing(error) || (error instanceof ArchiveError && s3Code(error.cause) === 'InvalidPart');
    if (isOver) throw new ArchiveError('BLOB_UPLOAD_UNKNOWN', { id }, { cause: error });
    throw error;
  }
}

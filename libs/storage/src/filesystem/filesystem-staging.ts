import { open, readdir, stat, unlink, type FileHandle } from 'node:fs/promises';
import type { Hash } from 'node:crypto';
import { ArchiveError } from '@envarium/errors';
import { digestAlgorithm, digestEncoded } from '@envarium/oci';
import type { StoredBlob } from '../blob-store.js';
import { pour, type ByteSource } from '../byte-source.js';
import { ContentCheck } from '../content-check.js';
import { STAGING, stagingKey } from '../layout.js';
import { LiveHashes } from '../live-hashes.js';
import type { Appended, CommitExpectation, StagingArea } from '../staging-area.js';
import { UploadGuard } from '../upload-guard.js';
import type { DurableTree } from './durable-tree.js';
import { ClaimedFile, removeUpload, uploadLength, uploadOfName } from './claimed-file.js';
import { onFileSystem, orNull, systemCode } from './file-errors.js';
import type { FilesystemBlobs } from './filesystem-blobs.js';
import { FileWriter } from './file-writer.js';
import { readInPlace } from './read-in-place.js';

/** One file per upload, claimed by whoever writes to it; its length is where the upload stands. */
export class FilesystemStaging implements StagingArea {
  readonly #tree: DurableTree;
  readonly #blobs: FilesystemBlobs;
  readonly #live = new LiveHashes();
  readonly #guard = new UploadGuard();

  constructor(tree: DurableTree, blobs: FilesystemBlobs) {
    this.#tree = tree;
    this.#blobs = blobs;
  }

  async create(id: string): Promise<void> {
    const file = this.#path(id);
    await onFileSystem({ id }, async () => {
      // One that another process writes to now is not looked for: that would list all uploads for every new one.
      if (this.#guard.isBusy(id)) throw new ArchiveError('BLOB_UPLOAD_INVALID', { id });
      const handle = await open(file, 'wx', 0o600).catch((cause: unknown) => {
        if (systemCode(cause) === 'EEXIST') throw new ArchiveError('BLOB_UPLOAD_INVALID', { id }, { cause });
        throw cause;
      });
      await handle.close();
      await this.#tree.syncDirectory(STAGING);
    });
  }

  async size(id: string): Promise<number> {
    const length = await onFileSystem({ id }, () => uploadLength(this.#tree, id));
    if (length === null) throw new ArchiveError('BLOB_UPLOAD_UNKNOWN', { id });
    return length;
  }

  async append(id: string, offset: number, source: ByteSource): Promise<Appended> {
    return await this.#withFile(id, async (file) => {
      const { handle } = file;
      try {
        const { size } = await handle.stat();
        if (size !== offset) throw new ArchiveError('BLOB_UPLOAD_OFFSET', { expected: size, actual: offset });
        const hash = this.#live.take(id, offset);
        const { received, interruption } = await this.#receive(handle, offset, source, hash);
        await onFileSystem({ id }, () => file.giveBack());
        const sha256 = hash && this.#live.keep(id, received, hash);
        if (interruption !== null) throw interruption.error;
        return { received, sha256 };
      } catch (error) {
        // Given back already, or taken over: either way there is nothing of ours left to give.
        await file.giveBack().catch(() => undefined);
        throw error;
      }
    });
  }

  async commit(id: string, expect: CommitExpectation): Promise<{ size: number }> {
    return await this.#withFile(id, async (file) => {
      try {
        const size = await this.#verify(id, file.handle, expect);
        await this.#publish(id, file, { digest: expect.digest, size }, expect.heal === true);
        this.#live.forget(id);
        return { size };
      } catch (error) {
        const isRefused =
          error instanceof ArchiveError && (error.code === 'DIGEST_INVALID' || error.code === 'SIZE_INVALID');
        if (isRefused) {
          this.#live.forget(id);
          await file.remove();
        } else await file.giveBack().catch(() => undefined);
        throw error;
      }
    });
  }

  async discard(id: string): Promise<void> {
    stagingKey(id);
    this.#live.forget(id);
    await onFileSystem({ id }, () => removeUpload(this.#tree, id));
  }

  async expire(olderThan: Date): Promise<number> {
    return await onFileSystem({}, async () => {
      let count = 0;
      for (const name of await readdir(this.#tree.path(STAGING))) {
        const file = this.#tree.path(`${STAGING}/${name}`);
        const stats = await orNull(stat(file));
        if (stats === null || stats.mtime >= olderThan || this.#guard.isBusy(uploadOfName(name))) continue;
        await orNull(unlink(file));
        this.#live.forget(uploadOfName(name));
        count += 1;
      }
      return count;
    });
  }

  /** Returns the size when the staged bytes are what `expect` says. */
  async #verify(id: string, handle: FileHandle, expect: CommitExpectation): Promise<number> {
    const { size } = await handle.stat();
    if (expect.size !== undefined && expect.size !== size) {
      throw new ArchiveError('SIZE_INVALID', { expected: expect.size, actual: size });
    }
    const sha256 = this.#live.sha256(id, size) ?? (expect.size === undefined ? undefined : expect.knownSha256);
    const isKnown = digestAlgorithm(expect.digest) === 'sha256' && sha256 === digestEncoded(expect.digest);
    if (isKnown) return size;
    const check = new ContentCheck({ digest: expect.digest, size });
    for await (const chunk of readInPlace(handle)) {
      check.admit(chunk.length);
      check.update(chunk);
    }
    return check.conclude().size;
  }

  /**
   * Writes what the source gives. A source that breaks off leaves its bytes, and the hash of exactly these; a file that
   * breaks off is cut back to the length that was durable before, which on a full disk also makes room again.
   */
  async #receive(
    handle: FileHandle,
    offset: number,
    source: ByteSource,
    hash: Hash | null,
  ): Promise<{ received: number; interruption: { error: unknown } | null }> {
    const writer = new FileWriter(handle, offset, (bytes) => hash?.update(bytes));
    let interruption: { error: unknown } | null = null;
    let received = offset;
    try {
      try {
        await pour(source, (chunk) => {
          received += chunk.length;
          return writer.write(chunk);
        });
      } catch (error) {
        if (writer.hasFailed) throw error;
        interruption = { error };
      }
      await writer.flush();
      return { received, interruption };
    } catch (error) {
      await writer.release();
      await handle.truncate(offset).catch(() => undefined);
      throw error;
    } finally {
      await writer.release();
    }
  }

  /** A writer that slept while another went on with its upload finds its file gone. */
  async #publish(id: string, file: ClaimedFile, blob: StoredBlob, isForced: boolean): Promise<void> {
    try {
      await this.#blobs.publish(file.handle, file.key, blob, isForced);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
      throw new ArchiveError('BLOB_UPLOAD_BUSY', { id }, { cause: error });
    }
  }

  async #withFile<T>(id: string, work: (file: ClaimedFile) => Promise<T>): Promise<T> {
    return await this.#guard.exclusively(id, async () => {
      const file = await onFileSystem({ id }, () => ClaimedFile.claim(this.#tree, id));
      try {
        return await work(file);
      } finally {
        await file.handle.close();
      }
    });
  }

  #path(id: string): string {
    return this.#tree.path(stagingKey(id));
  }
}

import { randomUUID } from 'node:crypto';
import { open, stat, unlink, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { ArchiveError } from '@envarium/errors';
import type { Digest } from '@envarium/oci';
import type { BlobRemoval, BlobStore, ByteRange, PutExpectation, StoredBlob } from '../blob-store.js';
import { resolveRange } from '../byte-range.js';
import { pour, type ByteSource } from '../byte-source.js';
import { ContentCheck } from '../content-check.js';
import { BLOBS, STAGING, blobKey, digestOfKey } from '../layout.js';
import { verifyContent, type Verification, type VerifyOptions } from '../verification.js';
import { onFileSystem, orNull } from './file-errors.js';
import { FileReader } from './file-reader.js';
import type { DurableTree } from './durable-tree.js';
import { FileWriter } from './file-writer.js';
import { readInPlace } from './read-in-place.js';

const BLOB_MODE = 0o444;

export class FilesystemBlobs implements BlobStore, BlobRemoval {
  readonly #tree: DurableTree;

  constructor(tree: DurableTree) {
    this.#tree = tree;
  }

  async stat(digest: Digest): Promise<{ size: number } | null> {
    return await onFileSystem({ digest }, async () => {
      const stats = await orNull(stat(this.#tree.path(blobKey(digest))));
      return stats && { size: stats.size };
    });
  }

  async open(digest: Digest, range?: ByteRange): Promise<FileReader> {
    return await onFileSystem({ digest }, async () => {
      const handle = await orNull(open(this.#tree.path(blobKey(digest)), 'r'));
      if (handle === null) throw new ArchiveError('BLOB_UNKNOWN', { digest });
      try {
        const { size } = await handle.stat();
        return new FileReader(handle, { digest, size, ...resolveRange(range, size) });
      } catch (error) {
        await handle.close();
        throw error;
      }
    });
  }

  async put(source: ByteSource, expect: PutExpectation): Promise<StoredBlob> {
    const key = `${STAGING}/${randomUUID()}.put`;
    const handle = await onFileSystem({}, () => open(this.#tree.path(key), 'wx', 0o600));
    try {
      const blob = await this.#receive(handle, source, expect);
      await this.publish(handle, key, blob, expect.heal === true);
      return blob;
    } catch (error) {
      // The failure that brought us here is the one to tell; what stays behind, `expire` finds.
      await unlink(this.#tree.path(key)).catch(() => undefined);
      throw error;
    } finally {
      await handle.close();
    }
  }

  async *list(): AsyncGenerator<StoredBlob> {
    for (const algorithm of await this.#names(BLOBS)) {
      for (const shard of await this.#names(`${BLOBS}/${algorithm}`)) {
        for (const encoded of await this.#names(`${BLOBS}/${algorithm}/${shard}`)) {
          const digest = digestOfKey(`${BLOBS}/${algorithm}/${shard}/${encoded}`);
          const stats = digest && (await this.stat(digest));
          if (digest && stats) yield { digest, size: stats.size };
        }
      }
    }
  }

  async verify(digest: Digest, options: VerifyOptions = {}): Promise<Verification> {
    return await onFileSystem({ digest }, async () => {
      const handle = await orNull(open(this.#tree.path(blobKey(digest)), 'r'));
      if (handle === null) return { outcome: 'missing' };
      try {
        return await verifyContent(readInPlace(handle), digest, options);
      } finally {
        await handle.close();
      }
    });
  }

  async remove(digest: Digest): Promise<void> {
    const key = blobKey(digest);
    await onFileSystem({ digest }, async () => {
      if ((await orNull(unlink(this.#tree.path(key)).then(() => true))) === null) return;
      await this.#tree.syncDirectory(path.dirname(key));
    });
  }

  /**
   * Makes a verified file of the staging area a blob. `rename`, not `link`: it replaces a damaged copy in the same step,
   * leaves no second name behind after a crash, and exists on every file system. Two writers may both get here, with
   * the same bytes.
   */
  async publish(handle: FileHandle, stagingKey: string, blob: StoredBlob, isForced: boolean): Promise<void> {
    const key = blobKey(blob.digest);
    await onFileSystem({ digest: blob.digest }, async () => {
      await handle.chmod(BLOB_MODE);
      await handle.sync();
      const present = isForced ? null : await this.stat(blob.digest);
      if (present?.size !== blob.size) return await this.#tree.move(stagingKey, key);
      // The other writer may not have come to its own sync of the directory yet.
      await this.#tree.ensureDirectory(path.dirname(key));
      await this.#tree.syncDirectory(path.dirname(key));
      await orNull(unlink(this.#tree.path(stagingKey)));
    });
  }

  async #receive(handle: FileHandle, source: ByteSource, expect: PutExpectation): Promise<StoredBlob> {
    const check = new ContentCheck(expect);
    const writer = new FileWriter(handle, 0, (bytes) => check.update(bytes));
    try {
      await pour(source, (chunk) => {
        check.admit(chunk.length);
        return writer.write(chunk);
      });
      await writer.flush();
      return check.conclude();
    } finally {
      await writer.release();
    }
  }

  async #names(key: string): Promise<string[]> {
    return await onFileSystem({}, () => this.#tree.names(key));
  }
}

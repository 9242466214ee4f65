import type { Digest } from '@envarium/oci';
import type { ByteSource } from './byte-source.js';

export interface Appended {
  /** Durable length of the upload. */
  readonly received: number;
  /** Hex sha256 of all bytes so far; null when this process has not seen all of them (restart, other replica). */
  readonly sha256: string | null;
}

export interface CommitExpectation {
  readonly digest: Digest;
  readonly size?: number | undefined;
  /** Hex sha256 that `append` gave for exactly `size` bytes; not believed without `size`, nor where the area knows better. */
  readonly knownSha256?: string | undefined;
  /** Write even where a copy of the right size exists, as in `PutExpectation`. */
  readonly heal?: boolean | undefined;
}

/**
 * Uploads in progress, each on any replica. One request at a time may write to an upload: within a process the area
 * answers BLOB_UPLOAD_BUSY, between processes the lease on the upload session must see to it. A writer that comes late,
 * as its lease was given to another while it slept, is refused with BLOB_UPLOAD_BUSY or writes in vain; it never changes
 * what the other wrote.
 *
 * Methods that take an `id` throw ArchiveError BLOB_UPLOAD_UNKNOWN when there is no such upload.
 */
export interface StagingArea {
  /** @param id never used before @throws ArchiveError BLOB_UPLOAD_INVALID when the area sees that it was */
  create(id: string): Promise<void>;

  /** Durable length. After an interrupted `append` this is the offset to go on at. */
  size(id: string): Promise<number>;

  /**
   * Adds bytes. When `source` breaks off, what came until then is kept and made durable, and the error of the source
   * passes through unchanged. When the store breaks off, ask `size`.
   * @throws ArchiveError BLOB_UPLOAD_OFFSET with `expected` and `actual` when `offset` is not the durable length
   */
  append(id: string, offset: number, source: ByteSource): Promise<Appended>;

  /**
   * Verifies the upload and makes it a blob; the upload is gone afterwards. On a mismatch the staged bytes are dropped,
   * on a failure of the store they are kept and `commit` may be repeated.
   *
   * A second `commit` of the same id is BLOB_UPLOAD_UNKNOWN even where the blob exists: to say yes would give anybody a
   * foreign blob for the price of its digest.
   * @throws ArchiveError DIGEST_INVALID, SIZE_INVALID, both with `expected` and `actual`
   */
  commit(id: string, expect: CommitExpectation): Promise<{ size: number }>;

  /** Drops an upload; harmless when it is unknown. */
  discard(id: string): Promise<void>;

  /** Drops everything in staging that nobody wrote to since. Returns how many uploads that were. */
  expire(olderThan: Date): Promise<number>;
}

import type { Writable } from 'node:stream';
import type { Digest } from '@envarium/oci';
import type { ByteSource } from './byte-source.js';
import type { Verification, VerifyOptions } from './verification.js';

/** Positions of the first and the last byte, both included, as in RFC 9110 section 14.1.2. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What must hold for bytes before they become visible. Without a digest, the sha256 of the content names it. */
export interface ContentExpectation {
  readonly digest?: Digest | undefined;
  readonly size?: number | undefined;
  /** Largest acceptable size; guards a source whose size nobody announced. */
  readonly maxSize?: number | undefined;
}

export interface PutExpectation extends ContentExpectation {
  /** Write even where a copy of the right size exists: for a blob that a scrub found damaged. */
  readonly heal?: boolean | undefined;
}

export interface StoredBlob {
  readonly digest: Digest;
  readonly size: number;
}

/**
 * Bytes of one blob, to be consumed once: by `pipeTo`, or by iterating, or not at all with `close`. The first two close.
 * The bytes are not checked against the digest; clients do that, and `verify` does it for us.
 */
export interface BlobReader extends AsyncIterable<Buffer> {
  /** Size of the whole blob. */
  readonly size: number;
  /** First byte and number of bytes that this reader delivers; the end of the range was cut to the size of the blob. */
  readonly start: number;
  readonly length: number;
  /**
   * Writes all bytes and ends the destination. Buffers are used again as soon as a write calls back, so the destination
   * must be done with a chunk by then: sockets, responses and files are, a PassThrough is not (iterate instead).
   * @throws ArchiveError CLIENT_CLOSED_REQUEST when the destination closes early;
   *   BLOB_CORRUPT when the store has fewer bytes than announced (the destination is destroyed, so that nobody takes the
   *   short content for the whole)
   */
  pipeTo(destination: Writable): Promise<void>;
  close(): Promise<void>;
}

/** The power to let bytes go. Only the reference ledger holds it, and uses it in two steps. */
export interface BlobRemoval {
  /** Removes a blob, for good; harmless when it is not there. Nothing of it comes back after a power cut. */
  remove(digest: Digest): Promise<void>;
}

/**
 * Content by digest. All methods throw ArchiveError STORE_UNAVAILABLE or STORE_FULL when the store fails. There is no
 * way to remove a blob here: only the reference ledger may delete, through a capability of its own.
 */
export interface BlobStore {
  stat(digest: Digest): Promise<{ size: number } | null>;

  /** @throws ArchiveError BLOB_UNKNOWN; RANGE_INVALID when the range starts after the last byte */
  open(digest: Digest, range?: ByteRange): Promise<BlobReader>;

  /**
   * Takes a stream in. Nothing is visible before digest and size are verified, and when this resolves the blob survives
   * a power cut. Putting the same content again is harmless; a stored copy of the wrong size is replaced. Errors of
   * `source` pass through unchanged. A source that is an HTTP request is not destroyed when the store refuses, so
   * that the refusal can still be answered.
   * @throws ArchiveError DIGEST_INVALID, SIZE_INVALID, both with `expected` and `actual`; BODY_TOO_LARGE with `limit`
   */
  put(source: ByteSource, expect: PutExpectation): Promise<StoredBlob>;

  /** All blobs in the order of their keys. Things in the store that are no blobs are passed over. */
  list(): AsyncIterable<StoredBlob>;

  /** Reads the blob and compares. */
  verify(digest: Digest, options?: VerifyOptions): Promise<Verification>;
}

import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { ArchiveError } from '@envarium/errors';
import { Client } from 'minio';
import type { StorageConfig } from '../store.js';
import { clientOptions } from './client-options.js';
import { callS3, isFinal, isMissing, noSuchUpload } from './s3-errors.js';
import { s3Transport } from './s3-transport.js';

/** All parts but the last have one size: some stores insist on it. */
export const PART_SIZE = 16 * 1024 * 1024;
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const MAX_PARTS = 10_000;
const COPY_PART_SIZE = 512 * 1024 * 1024;
const COMPLETE_ATTEMPTS = 3;

const LIMITS = {
  /** Largest object that is copied in one call. */
  copyLimit: 5 * 1024 ** 3,
  /** Time for a call without bytes, for one with bytes, for one that the service copies or assembles bytes for. */
  shortMs: 15_000,
  transferMs: 5 * 60_000,
  copyMs: 15 * 60_000,
  /** Longest silence of a connection; also of a download, which no deadline ends. */
  idleMs: 120_000,
  /** Before a second attempt. */
  pauseMs: 100,
};
export type S3Limits = typeof LIMITS;

const CONTENT_TYPE = { 'content-type': 'application/octet-stream' };

export type S3Config = Extract<StorageConfig, { kind: 's3' }>;

export interface S3Object {
  readonly key: string;
  readonly size: number;
  readonly lastModified: Date;
}

export interface IncompleteUpload {
  readonly key: string;
  readonly uploadId: string;
  readonly initiated: Date;
}

/**
 * The calls of S3 that the store is made of, each with a deadline and retries. Only the low-level calls of `minio` are
 * used: its streaming `putObject` takes a short stream for a whole one, never settles when the source fails, and may mix
 * the parts of two writers.
 */
export class S3Bucket {
  readonly #client: Client;
  readonly #bucket: string;
  readonly #region: string;
  readonly #limits: S3Limits;

  constructor(config: S3Config, limits: Partial<S3Limits> = {}) {
    this.#bucket = config.bucket;
    this.#region = config.region;
    this.#limits = { ...LIMITS, ...limits };
    const options = clientOptions(config.endpoint, config);
    this.#client = new Client({
      ...options,
      partSize: PART_SIZE,
      retryOptions: { disableRetry: true },
      ...s3Transport(options.useSSL, this.#limits.idleMs),
    });
  }

  async ensure(): Promise<void> {
    const isThere = await this.#call('HeadBucket', () => this.#client.bucketExists(this.#bucket));
    if (isThere) return;
    await this.#call('CreateBucket', async () => {
      await this.#client.makeBucket(this.#bucket, this.#region).catch(async (error: unknown) => {
        // Another process may have been quicker.
        if (!(await this.#client.bucketExists(this.#bucket))) throw error;
      });
    });
  }

  async stat(key: string): Promise<{ size: number; lastModified: Date } | null> {
    const found = await this.#orNull(
      this.#call('HeadObject', () => this.#client.statObject(this.#bucket, key), { key }),
    );
    return found && { size: found.size, lastModified: found.lastModified };
  }

  /** The caller must consume or destroy the stream. `length` 0 would mean "to the end", so do not ask for nothing. */
  async read(key: string, start: number, length: number): Promise<Readable | null> {
    return await this.#orNull(
      this.#call('GetObject', () => this.#client.getPartialObject(this.#bucket, key, start, length), { key }),
    );
  }

  /** A small object as a whole; null when it is missing. @throws ArchiveError BODY_TOO_LARGE above `limit` bytes */
  async readSmall(key: string, limit: number): Promise<Buffer | null> {
    const work = async (): Promise<Buffer> => {
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of await this.#client.getObject(this.#bucket, key)) {
        const bytes = Buffer.from(chunk);
        size += bytes.length;
        if (size > limit) throw new ArchiveError('BODY_TOO_LARGE', { key, limit });
        chunks.push(bytes);
      }
      return Buffer.concat(chunks);
    };
    return await this.#orNull(this.#call('GetObject', work, { key, deadlineMs: this.#limits.transferMs }));
  }

  /** One PUT; at most a part's size. */
  async write(key: string, bytes: Buffer): Promise<void> {
    const metadata = { ...CONTENT_TYPE };
    await this.#call('PutObject', () => this.#client.putObject(this.#bucket, key, bytes, bytes.length, metadata), {
      key,
      deadlineMs: this.#limits.transferMs,
    });
  }

  /** Harmless when there is no such object. */
  async remove(key: string): Promise<void> {
    await this.#orNull(this.#call('DeleteObject', () => this.#client.removeObject(this.#bucket, key), { key }));
  }

  /** All objects whose key starts with `prefix`, in the order of their keys. */
  async *list(prefix: string, pageSize = 1000): AsyncGenerator<S3Object> {
    let token = '';
    for (;;) {
      const page = await this.#call('ListObjectsV2', () =>
        this.#client.listObjectsV2Query(this.#bucket, prefix, token, '', pageSize, ''),
      );
      for (const { name, size, lastModified } of page.objects) {
        if (name !== undefined && lastModified !== undefined) yield { key: name, size, lastModified };
      }
      if (!page.isTruncated) return;
      token = page.nextContinuationToken;
    }
  }

  /** Objects above 5 GiB are copied in parts: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
  async copy(from: string, to: string, size: number): Promise<void> {
    const source = `/${this.#bucket}/${from}`;
    if (size <= this.#limits.copyLimit) {
      const options = { key: to, deadlineMs: this.#limits.copyMs };
      await this.#call('CopyObject', () => this.#client.copyObject(this.#bucket, to, source), options);
      return;
    }
    const uploadId = await this.startUpload(to);
    try {
      const etags: string[] = [];
      const partSize = Math.min(COPY_PART_SIZE, this.#limits.copyLimit);
      for (let start = 0; start < size; start += partSize) {
        const range = `bytes=${start}-${Math.min(start + partSize, size) - 1}`;
        const headers = { 'x-amz-copy-source': source, 'x-amz-copy-source-range': range };
        etags.push(await this.#part('UploadPartCopy', { key: to, uploadId, number: etags.length + 1 }, headers));
      }
      await this.completeUpload(to, uploadId, etags);
    } catch (error) {
      await this.abortUpload(to, uploadId).catch(() => undefined);
      throw error;
    }
  }

  async startUpload(key: string): Promise<string> {
    const headers = { ...CONTENT_TYPE };
    return await this.#call(
      'CreateMultipartUpload',
      () => this.#client.initiateNewMultipartUpload(this.#bucket, key, headers),
      { key },
    );
  }

  /** @param number from 1 @returns the ETag, to be given to `completeUpload` */
  async uploadPart(key: string, uploadId: string, number: number, bytes: Buffer): Promise<string> {
    // The only protection of the bytes on their way when the request itself is not signed over them (TLS).
    const headers = { 'Content-MD5': createHash('md5').update(bytes).digest('base64') };
    try {
      return await this.#part('UploadPart', { key, uploadId, number }, headers, bytes);
    } catch (error) {
      // A service that refuses a part may close the connection before it has read it, and its answer is lost then.
      if (isFinal(error) || (await this.#holdsUpload(key, uploadId))) throw error;
      throw noSuchUpload({ name: 'UploadPart', key }, error);
    }
  }

  /**
   * Shows the object that the parts make. When its answer is lost the upload is over and cannot be asked for, but the
   * object can: so there is another attempt only while it is not there.
   * @param newSize size of the object, when no object of this size was at the key before; without it a lost answer is a
   *   failure
   */
  async completeUpload(key: string, uploadId: string, etags: readonly string[], newSize?: number): Promise<void> {
    const parts = etags.map((etag, index) => ({ part: index + 1, etag }));
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#call(
          'CompleteMultipartUpload',
          () => this.#client.completeMultipartUpload(this.#bucket, key, uploadId, parts),
          { key, deadlineMs: this.#limits.copyMs, isRepeatable: false },
        );
        return;
      } catch (error) {
        if (newSize === undefined) throw error;
        const present = await this.stat(key).catch(() => null);
        // Should another writer of the same bytes have been quicker, our parts are of no use.
        if (present?.size === newSize) return await this.abortUpload(key, uploadId).catch(() => undefined);
        if (attempt === COMPLETE_ATTEMPTS || isFinal(error)) throw error;
        await sleep(this.#limits.pauseMs * 3 ** (attempt - 1));
      }
    }
  }

  /** Harmless when there is no such upload. */
  async abortUpload(key: string, uploadId: string): Promise<void> {
    await this.#orNull(
      this.#call('AbortMultipartUpload', () => this.#client.abortMultipartUpload(this.#bucket, key, uploadId), { key }),
    );
  }

  /** Multipart uploads that were begun and neither completed nor aborted. Some stores list them by exact key only. */
  async *incompleteUploads(prefix: string): AsyncGenerator<IncompleteUpload> {
    let [keyMarker, uploadIdMarker] = ['', ''];
    for (;;) {
      const page = await this.#call('ListMultipartUploads', () =>
        this.#client.listIncompleteUploadsQuery(this.#bucket, prefix, keyMarker, uploadIdMarker, ''),
      );
      for (const { key, uploadId, initiated } of page.uploads) yield { key, uploadId, initiated: new Date(initiated) };
      if (!page.isTruncated) return;
      [keyMarker, uploadIdMarker] = [page.nextKeyMarker, page.nextUploadIdMarker];
    }
  }

  /** False only where S3 says which uploads it has, and this is none of them. */
  async #holdsUpload(key: string, uploadId: string): Promise<boolean> {
    try {
      for await (const upload of this.incompleteUploads(key)) if (upload.uploadId === uploadId) return true;
      return false;
    } catch {
      return true;
    }
  }

  async #part(
    name: string,
    { key, uploadId, number }: { key: string; uploadId: string; number: number },
    headers: Record<string, string>,
    bytes?: Buffer,
  ): Promise<string> {
    const part = { bucketName: this.#bucket, objectName: key, uploadID: uploadId, partNumber: number, headers };
    const { etag } = await this.#call(name, () => this.#client.uploadPart(part, bytes), {
      key,
      deadlineMs: this.#limits.transferMs,
    });
    return etag;
  }

  async #call<T>(
    name: string,
    work: () => Promise<T>,
    options: { key?: string; deadlineMs?: number; isRepeatable?: boolean } = {},
  ): Promise<T> {
    return await callS3(
      { name, deadlineMs: this.#limits.shortMs, pauseMs: this.#limits.pauseMs, isRepeatable: true, ...options },
      work,
    );
  }

  async #orNull<T>(work: Promise<T>): Promise<T | null> {
    try {
      return await work;
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }
}

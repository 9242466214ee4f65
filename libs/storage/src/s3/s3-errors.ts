import { setTimeout as sleep } from 'node:timers/promises';
import { ArchiveError } from '@envarium/errors';
import { cancellable } from './s3-transport.js';

const MISSING = new Set(['NoSuchKey', 'NoSuchUpload', 'NotFound']);
const FULL = new Set(['InsufficientStorage', 'QuotaExceeded', 'XMinioAdminBucketQuotaExceeded', 'XMinioStorageFull']);
/** Answers of S3 that another attempt cannot change: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const FINAL = new Set([
  'AccessDenied',
  'EntityTooLarge',
  'InvalidAccessKeyId',
  'InvalidArgument',
  'InvalidPart',
  'InvalidRange',
  'MethodNotAllowed',
  'NoSuchBucket',
  'NotImplemented',
  'SignatureDoesNotMatch',
]);
const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 100;

export interface S3Call {
  readonly name: string;
  readonly key?: string;
  /** Time for the whole call, as the client library has no time limit of its own. */
  readonly deadlineMs: number;
  /** False for the few calls where a second attempt after a lost answer gives another result. */
  readonly isRepeatable: boolean;
  /** Before the second attempt; three times as long before the third. */
  readonly pauseMs?: number;
}

/** The error code of S3 (`NoSuchKey`) or of the operating system (`ECONNREFUSED`), if `error` has one. */
export function s3Code(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** True when `callS3` failed because the object or the multipart upload does not exist. */
export function isMissing(error: unknown): boolean {
  return error instanceof ArchiveError && MISSING.has(s3Code(error.cause) ?? '');
}

/**
 * Runs one call to S3 with a deadline, and again after a pause when that may help.
 * @throws ArchiveError STORE_FULL, STORE_UNAVAILABLE with the code of S3
 */
export async function callS3<T>(call: S3Call, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await withDeadline(call, work);
    } catch (error) {
      if (error instanceof ArchiveError) throw error;
      if (isFinalCode(s3Code(error) ?? '') || !call.isRepeatable || attempt === ATTEMPTS) throw storeError(call, error);
      await sleep((call.pauseMs ?? FIRST_PAUSE_MS) * 3 ** (attempt - 1) * (0.5 + Math.random()));
    }
  }
}

/** True when another attempt at what `callS3` failed to do would end the same way. */
export function isFinal(error: unknown): boolean {
  return error instanceof ArchiveError && isFinalCode(s3Code(error.cause) ?? '');
}

function isFinalCode(code: string): boolean {
  return FINAL.has(code) || FULL.has(code) || MISSING.has(code);
}

/** What a failure of S3 means to the callers of the store. */
export function storeError(call: { readonly name: string; readonly key?: string }, cause: unknown): ArchiveError {
  const code = s3Code(cause);
  const detail = {
    call: call.name,
    ...(call.key !== undefined && { key: call.key }),
    ...(code !== undefined && { code }),
  };
  return new ArchiveError(FULL.has(code ?? '') ? 'STORE_FULL' : 'STORE_UNAVAILABLE', detail, { cause });
}

class DeadlineError extends Error {
  readonly code = 'ETIMEDOUT';
}

async function withDeadline<T>({ name, deadlineMs }: S3Call, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const { result, cancel } = cancellable(work);
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new DeadlineError(`${name} took more than ${deadlineMs} ms`));
      cancel();
    }, deadlineMs);
  });
  try {
    return await Promise.race([result, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** What `storeError` makes of NoSuchUpload, where S3 did not come to say it. @param cause what was seen instead */
export function noSuchUpload(call: { readonly name: string; readonly key?: string }, cause: unknown): ArchiveError {
  const error = new Error('The multipart upload is not among those that S3 has.', { cause });
  return storeError(call, Object.assign(error, { code: 'NoSuchUpload' }));
}

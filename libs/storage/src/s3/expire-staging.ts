import { STAGING } from '../layout.js';
import { ArchiveError } from '@envarium/errors';
import type { IncompleteUpload, S3Bucket } from './s3-bucket.js';
import { s3Code } from './s3-errors.js';

interface Uploads {
  isBusy(id: string): boolean;
  discard(id: string): Promise<void>;
}

/** Answers of stores that cannot list multipart uploads, or do not let us. They need a lifecycle rule; see README.md. */
const CANNOT_LIST = new Set(['AccessDenied', 'MethodNotAllowed', 'NotImplemented']);

/** Drops what nobody wrote to since `olderThan`: uploads, content that was on its way in, and parts nobody knows of. */
export async function expireStaging(bucket: S3Bucket, olderThan: Date, uploads: Uploads): Promise<number> {
  const lastWrites = await lastWritesByName(bucket);
  let count = 0;
  for (const [name, lastWrite] of lastWrites) {
    if (lastWrite >= olderThan || uploads.isBusy(name)) continue;
    if (!(await isStale(bucket, name, olderThan))) continue;
    if (name.includes('.')) await bucket.remove(`${STAGING}/${name}`);
    else await uploads.discard(name);
    lastWrites.delete(name);
    count += 1;
  }
  // All of the bucket, which is ours: MinIO lists no folder, but remembers what was begun since it started.
  await abortForgotten(
    bucket,
    '',
    ({ key, initiated }) => initiated < olderThan && !lastWrites.has(key.slice(STAGING.length + 1)),
  );
  return count;
}

/** Asks for the object itself: a list may be older than the last write to an upload, and to discard is for good. */
async function isStale(bucket: S3Bucket, name: string, olderThan: Date): Promise<boolean> {
  const present = await bucket.stat(`${STAGING}/${name.includes('.') ? name : `${name}.json`}`);
  return present === null || present.lastModified < olderThan;
}

/** An upload is as old as the youngest of its objects; they differ in what follows the dot. */
async function lastWritesByName(bucket: S3Bucket): Promise<Map<string, Date>> {
  const lastWrites = new Map<string, Date>();
  for await (const { key, lastModified } of bucket.list(`${STAGING}/`)) {
    const file = key.slice(STAGING.length + 1);
    const name = /\.(?:json|tail-\d+)$/.test(file) ? file.slice(0, file.indexOf('.')) : file;
    const known = lastWrites.get(name);
    if (known === undefined || known < lastModified) lastWrites.set(name, lastModified);
  }
  return lastWrites;
}

/** Ends the multipart uploads below `prefix` that are forgotten, as far as the store can tell of them. */
export async function abortForgotten(
  bucket: S3Bucket,
  prefix: string,
  isForgotten: (upload: IncompleteUpload) => boolean,
): Promise<void> {
  try {
    for await (const upload of bucket.incompleteUploads(prefix)) {
      if (isForgotten(upload)) await bucket.abortUpload(upload.key, upload.uploadId);
    }
  } catch (error) {
    const code = error instanceof ArchiveError ? s3Code(error.cause) : undefined;
    if (!CANNOT_LIST.has(code ?? '')) throw error;
  }
}

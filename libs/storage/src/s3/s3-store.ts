import { randomUUID } from 'node:crypto';
import { ArchiveError } from '@envarium/errors';
import { LAYOUT_CONTENT, LAYOUT_FILE, STAGING } from '../layout.js';
import { assertLayout } from '../layout-file.js';
import type { Store } from '../store.js';
import { S3Blobs } from './s3-blobs.js';
import { S3Bucket, type S3Config } from './s3-bucket.js';
import { S3BlobUrls } from './s3-blob-urls.js';
import { S3Journal } from './s3-journal.js';
import { S3Staging } from './s3-staging.js';

const LAYOUT_LIMIT = 4096;

/** @throws ArchiveError CONFIG_INVALID when the bucket holds something else; STORE_UNAVAILABLE */
export async function openS3Store(config: S3Config, bucket = new S3Bucket(config)): Promise<Store> {
  await bucket.ensure();
  await claim(bucket, config.bucket);
  const blobs = new S3Blobs(bucket);
  return {
    kind: 's3',
    blobs,
    removal: blobs,
    staging: new S3Staging(bucket, blobs),
    journal: new S3Journal(bucket),
    urls: new S3BlobUrls(config),
    probe: () => probe(bucket),
  };
}

/** Makes an empty bucket ours. Lists before it reads: whoever fills the bucket meanwhile has claimed it before. */
async function claim(bucket: S3Bucket, name: string): Promise<void> {
  const found = await firstKey(bucket);
  const layout = await bucket.readSmall(LAYOUT_FILE, LAYOUT_LIMIT);
  if (layout !== null) return assertLayout(layout.toString('utf8'), name);
  if (found !== null) throw new ArchiveError('CONFIG_INVALID', { bucket: name, missing: LAYOUT_FILE, found: [found] });
  await bucket.write(LAYOUT_FILE, Buffer.from(LAYOUT_CONTENT));
}

async function firstKey(bucket: S3Bucket): Promise<string | null> {
  for await (const { key } of bucket.list('', 1)) return key;
  return null;
}

/** Writes, because a store that is full or was made read-only still reads well. */
async function probe(bucket: S3Bucket): Promise<void> {
  if ((await bucket.stat(LAYOUT_FILE)) === null) throw new ArchiveError('STORE_UNAVAILABLE', { missing: LAYOUT_FILE });
  const key = `${STAGING}/${randomUUID()}.put`;
  await bucket.write(key, Buffer.from(LAYOUT_CONTENT));
  await bucket.remove(key);
}

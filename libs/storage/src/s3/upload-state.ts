import { createHash } from 'node:crypto';
import { ArchiveError } from '@envarium/errors';
import { z } from 'zod';
import { stagingKey } from '../layout.js';
import { MAX_PARTS, PART_SIZE, type S3Bucket } from './s3-bucket.js';

/** Where an upload stands, as kept next to it: any process can go on from here. */
const UploadState = z.object({
  /** Null before the first whole part. */
  uploadId: z.string().min(1).nullable(),
  /** ETags of the whole parts, from part 1. */
  etags: z.array(z.string()).max(MAX_PARTS),
  /** Bytes after the last whole part. */
  tail: z.number().int().nonnegative().max(PART_SIZE),
  /**
   * Hex sha256 of the tail, and of all bytes where the writer of this state knew it. A writer that slept through its lease
   * may still write parts and tails: S3 refuses parts whose ETags are not these, and we refuse such a tail.
   */
  tailSha256: z.string().nullable().default(null),
  sha256: z.string().nullable().default(null),
});
export type UploadState = z.infer<typeof UploadState>;

const STATE_LIMIT = 4 * 1024 * 1024;

export function stateKey(id: string): string {
  return `${stagingKey(id)}.json`;
}

/**
 * The tail has the number of the part it will begin. So a crash between writing the tail and writing the state leaves
 * the older tail in place, or a longer one with the same beginning; never other bytes.
 */
export function tailKey(id: string, { etags }: UploadState): string {
  return `${stagingKey(id)}.tail-${etags.length + 1}`;
}

export function receivedBytes({ etags, tail }: UploadState): number {
  return etags.length * PART_SIZE + tail;
}

/** @throws ArchiveError BLOB_UPLOAD_UNKNOWN; STORE_UNAVAILABLE when what S3 gives is not what was written */
export async function readState(bucket: S3Bucket, id: string): Promise<UploadState> {
  const bytes = await bucket.readSmall(stateKey(id), STATE_LIMIT);
  if (bytes === null) throw new ArchiveError('BLOB_UPLOAD_UNKNOWN', { id });
  try {
    return UploadState.parse(JSON.parse(bytes.toString('utf8')));
  } catch (cause) {
    throw new ArchiveError('STORE_UNAVAILABLE', { key: stateKey(id), invalid: 'upload state' }, { cause });
  }
}

export async function writeState(bucket: S3Bucket, id: string, state: UploadState): Promise<void> {
  await bucket.write(stateKey(id), Buffer.from(JSON.stringify(state)));
}

/** @throws ArchiveError BLOB_UPLOAD_INVALID when the tail that the state speaks of is gone or another: the upload cannot go on */
export async function readTail(bucket: S3Bucket, id: string, state: UploadState): Promise<Buffer> {
  if (state.tail === 0) return Buffer.alloc(0);
  const bytes = await bucket.readSmall(tailKey(id, state), PART_SIZE);
  const tail = bytes?.subarray(0, state.tail);
  if (tail?.length === state.tail && (state.tailSha256 === null || sha256Of(tail) === state.tailSha256)) return tail;
  throw new ArchiveError('BLOB_UPLOAD_INVALID', { id, expected: state.tail, actual: bytes?.length ?? null });
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

import type { Prisma } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import type { Transaction } from '@envarium/journal';
import { type Digest, parseDigest } from '@envarium/oci';

type BlobState = Prisma.BlobGetPayload<{ select: { state: true } }>['state'];

export interface BlobRow {
  readonly id: bigint;
  readonly digest: string;
  readonly state: BlobState;
}

/** Bytes that came back are looked at by the collector again after this many days. */
const REVIEW_DAYS = 7;

/**
 * Sound rows of blobs, held until the transaction ends: while one says that it names a blob, the collector cannot come to
 * the conclusion that nothing does. In one order everywhere, so that nobody waits in a circle.
 */
export async function holdSoundBlobs(tx: Transaction, digests: readonly string[]): Promise<BlobRow[]> {
  return await tx.$queryRaw<BlobRow[]>`
    SELECT id, digest, state::text AS state FROM blob
    WHERE digest = ANY(${digests}::text[]) AND state = 'ok' ORDER BY id FOR SHARE`;
}

/**
 * Marks blobs as sound whose bytes were just written. One that the collector has removed meanwhile must be pushed again.
 * Call it before any of these rows is held: two that hold a row and both want to change it would wait for each other.
 * @returns those that were not sound, as they were
 * @throws ArchiveError BLOB_UPLOAD_INVALID
 */
export async function restoreBlobs(
  tx: Transaction,
  digests: readonly string[],
  isStored: (digest: Digest) => Promise<boolean>,
): Promise<BlobRow[]> {
  const locked = await tx.$queryRaw<BlobRow[]>`
    SELECT id, digest, state::text AS state FROM blob
    WHERE digest = ANY(${digests}::text[]) AND state <> 'ok' ORDER BY id FOR UPDATE`;
  if (locked.length === 0) return [];
  for (const { digest, state } of locked) {
    // Its removal holds the same lock: either the bytes are gone by now, or they stay.
    if (state === 'removed' && !(await isStored(parseDigest(digest)))) {
      throw new ArchiveError('BLOB_UPLOAD_INVALID', { digest, reason: 'removed-meanwhile' });
    }
  }
  const reviewAfter = new Date(Date.now() + REVIEW_DAYS * 24 * 60 * 60 * 1000);
  await tx.blob.updateMany({
    where: { id: { in: locked.map(({ id }) => id) } },
    data: { state: 'ok', quarantinedAt: null, lastVerifiedAt: null, copiedAt: null, reviewAfter },
  });
  return locked;
}

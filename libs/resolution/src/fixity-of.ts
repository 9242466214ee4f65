import type { FixityEvidence } from '@envarium/schema';
import type { ClosureBlob } from './image-closure.js';

/** The whole is as old as its oldest check: one blob that was never read back leaves the date open. */
export function fixityOf(blobs: readonly ClosureBlob[]): FixityEvidence {
  const checks = blobs.map((blob) => blob.lastVerifiedAt?.getTime() ?? null);
  const oldest = checks.includes(null) ? null : Math.min(...checks.filter((check) => check !== null));
  return {
    checkedAt: oldest === null ? null : new Date(oldest).toISOString(),
    blobCount: blobs.length,
    size: Number(blobs.reduce((sum, blob) => sum + blob.size, 0n)),
    damaged: blobs.filter((blob) => blob.state !== 'ok').map((blob) => blob.digest),
  };
}

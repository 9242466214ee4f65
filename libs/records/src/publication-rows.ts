import type { Transaction } from '@envarium/journal';

interface Publication {
  readonly recordDigest: string;
  readonly documentDigest: string;
  readonly at: Date;
  readonly by: string;
}

/** The last change that a version row can see, but for its withdrawal. Used by publication and reindex alike. */
export async function freezeVersion(tx: Transaction, versionId: bigint, publication: Publication): Promise<void> {
  const { recordDigest, documentDigest, at, by } = publication;
  await tx.recordVersion.update({
    where: { id: versionId },
    data: { state: 'published', recordDigest, documentDigest, publishedAt: at, publishedBy: by },
  });
}

export async function placeHold(
  tx: Transaction,
  versionId: bigint,
  hold: { id: string; reason: string; at: Date; by: string },
): Promise<void> {
  const { id, reason, at, by } = hold;
  await tx.hold.create({ data: { id, versionId, reason, placedAt: at, placedBy: by } });
}

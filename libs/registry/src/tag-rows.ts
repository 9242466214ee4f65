import { ArchiveError } from '@envarium/errors';
import type { RecordEvent, Transaction } from '@envarium/journal';
import type { RepositoryRef } from './repositories.service.js';

export interface TagMove {
  readonly repository: RepositoryRef;
  readonly tag: string;
  readonly manifestId: bigint;
  readonly digest: string;
  readonly actor: string;
}

/**
 * Points a tag at a manifest and writes its history. Pointing it where it points already changes nothing.
 * @throws ArchiveError TAG_IMMUTABLE when the tag belongs to a published version
 */
export async function moveTag(tx: Transaction, record: RecordEvent, move: TagMove): Promise<void> {
  const { repository, tag, digest, actor } = move;
  // One mover at a time, so that history and tag agree; the lock is held until the transaction ends.
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`tag:${repository.name}:${tag}`}, 0))`;
  const key = { repositoryId: repository.id, name: tag };
  const current = await tx.tag.findUnique({
    where: { repositoryId_name: key },
    select: { manifest: { select: { digest: true } } },
  });
  const previous = current?.manifest.digest ?? null;
  if (previous === digest) return;
  // Also a tag that is not there: the tag of a version that was published without an image would pass for its image.
  if (await isFrozen(tx, repository.id, tag)) {
    throw new ArchiveError('TAG_IMMUTABLE', { repository: repository.name, tag, current: previous });
  }
  const event = await record({
    kind: 'tag-moved',
    actor,
    subject: `${repository.name}:${tag}`,
    detail: { repository: repository.name, tag, digest, previous },
  });
  await writeTag(tx, move, { id: event.id, at: event.at, previous });
}

/** The rows of one tag move; used by the move itself and by reindex. */
export async function writeTag(
  tx: Transaction,
  move: TagMove,
  event: { id: string; at: Date; previous: string | null },
): Promise<void> {
  const key = { repositoryId: move.repository.id, name: move.tag };
  await tx.tag.upsert({
    where: { repositoryId_name: key },
    create: { ...key, manifestId: move.manifestId, updatedAt: event.at },
    update: { manifestId: move.manifestId, updatedAt: event.at },
  });
  await tx.tagEvent.create({
    data: {
      ...key,
      id: event.id,
      digest: move.digest,
      previousDigest: event.previous,
      at: event.at,
      actor: move.actor,
    },
  });
}

/** The same rule stands as a trigger in the database; here it gives the better answer. */
async function isFrozen(tx: Transaction, repositoryId: bigint, tag: string): Promise<boolean> {
  const number = /^v(?<number>[1-9]\d{0,8})(?:\.record)?$/.exec(tag)?.groups?.['number'];
  if (number === undefined) return false;
  const count = await tx.recordVersion.count({
    where: { number: Number(number), state: { in: ['published', 'withdrawn'] }, record: { repositoryId } },
  });
  return count > 0;
}

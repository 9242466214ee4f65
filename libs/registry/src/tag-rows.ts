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

/** `If-Match` and `If-None-Match` of a push: what the tag must point at, or must not, before it moves. RFC 9110 section 13.1 */
export interface TagCondition {
  /** Any of these; `any`: the tag must exist. */
  readonly is?: readonly string[] | 'any' | undefined;
  /** None of these; `any`: the tag must not exist. */
  readonly isNot?: readonly string[] | 'any' | undefined;
}

/**
 * Points a tag at a manifest and writes its history. Pointing it where it points already changes nothing.
 * @throws ArchiveError TAG_IMMUTABLE when the tag belongs to a published version; PRECONDITION_FAILED
 */
export async function moveTag(
  tx: Transaction,
  record: RecordEvent,
  move: TagMove,
  condition: TagCondition = {},
): Promise<void> {
  const { repository, tag, digest, actor } = move;
  const previous = await lockTag(tx, repository, tag);
  assertCondition(condition, previous, { repository: repository.name, tag });
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

/**
 * Takes a tag away and writes its history; its manifest stays.
 * @throws ArchiveError MANIFEST_UNKNOWN
 */
export async function deleteTag(
  tx: Transaction,
  record: RecordEvent,
  { repository, tag, actor }: Pick<TagMove, 'repository' | 'tag' | 'actor'>,
): Promise<void> {
  const previous = await lockTag(tx, repository, tag);
  if (previous === null) throw new ArchiveError('MANIFEST_UNKNOWN', { repository: repository.name, reference: tag });
  const event = await record({
    kind: 'tag-deleted',
    actor,
    subject: `${repository.name}:${tag}`,
    detail: { repository: repository.name, tag, previous },
  });
  await writeTagDeletion(tx, { repositoryId: repository.id, tag, actor }, { id: event.id, at: event.at, previous });
}

/** The rows of one tag that goes; used by the deletion itself and by reindex. */
export async function writeTagDeletion(
  tx: Transaction,
  { repositoryId, tag, actor }: { repositoryId: bigint; tag: string; actor: string },
  event: { id: string; at: Date; previous: string | null },
): Promise<void> {
  await tx.tag.delete({ where: { repositoryId_name: { repositoryId, name: tag } } });
  await tx.tagEvent.create({
    data: { id: event.id, repositoryId, name: tag, digest: null, previousDigest: event.previous, at: event.at, actor },
  });
}

/** Where the tag points. One mover at a time, so that history and tag agree; held until the transaction ends. */
async function lockTag(tx: Transaction, repository: RepositoryRef, tag: string): Promise<string | null> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`tag:${repository.name}:${tag}`}, 0))`;
  const current = await tx.tag.findUnique({
    where: { repositoryId_name: { repositoryId: repository.id, name: tag } },
    select: { manifest: { select: { digest: true } } },
  });
  return current?.manifest.digest ?? null;
}

function assertCondition(
  { is, isNot }: TagCondition,
  current: string | null,
  detail: { repository: string; tag: string },
): void {
  const matches = (wanted: readonly string[] | 'any'): boolean =>
    current !== null && (wanted === 'any' || wanted.includes(current));
  const holds = (is === undefined || matches(is)) && (isNot === undefined || !matches(isNot));
  if (!holds) throw new ArchiveError('PRECONDITION_FAILED', { ...detail, current });
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
export async function isFrozen(tx: Transaction, repositoryId: bigint, tag: string): Promise<boolean> {
  const number = /^v(?<number>[1-9]\d{0,8})(?:\.record)?$/.exec(tag)?.groups?.['number'];
  if (number === undefined) return false;
  const count = await tx.recordVersion.count({
    where: { number: Number(number), state: { in: ['published', 'withdrawn'] }, record: { repositoryId } },
  });
  return count > 0;
}

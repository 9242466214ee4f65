import { Injectable } from '@nestjs/common';
import { actorName, type Principal } from '@envarium/access';
import { ArchiveError } from '@envarium/errors';
import { JournalService, type RecordEvent, type Transaction } from '@envarium/journal';
import { type Digest, parseDigest, parseTag } from '@envarium/oci';
import type { RepositoryRef } from './repositories.service.js';
import { deleteTag } from './tag-rows.js';

/** How many users of a thing a refusal names. */
const REPORTED = 20;

/**
 * Takes content out of a repository that is still worked in: it can be seen there no more. Bytes and rows of what an
 * image manifest ever named stay, so a re-push brings it back. A repository with a published version is an archive:
 * nothing leaves it, and the database holds that too.
 */
@Injectable()
export class DeletionService {
  constructor(private readonly journal: JournalService) {}

  /**
   * By tag only the tag; by digest the image manifest and all its tags.
   * @throws ArchiveError MANIFEST_UNKNOWN; UNSUPPORTED in an archive, and for what something else still needs
   */
  async deleteManifest(principal: Principal, repository: RepositoryRef, reference: string): Promise<void> {
    const actor = actorName(principal);
    await this.journal.transaction(async (tx, record) => {
      await requireWorking(tx, repository, reference);
      if (!reference.includes(':')) await deleteTag(tx, record, { repository, tag: parseTag(reference), actor });
      else await deleteByDigest(tx, record, { repository, digest: parseDigest(reference), actor });
    });
  }

  /** @throws ArchiveError BLOB_UNKNOWN; UNSUPPORTED in an archive, and while an image manifest or a draft names the blob */
  async deleteBlob(principal: Principal, repository: RepositoryRef, digest: Digest): Promise<void> {
    await this.journal.transaction(async (tx, record) => {
      await requireWorking(tx, repository, digest);
      const [link] = await tx.$queryRaw<{ blob_id: bigint }[]>`
        SELECT p.blob_id FROM repository_blob p JOIN blob b ON b.id = p.blob_id
        WHERE p.repository_id = ${repository.id} AND b.digest = ${digest} FOR UPDATE OF p`;
      if (link === undefined) throw new ArchiveError('BLOB_UNKNOWN', { digest, repository: repository.name });
      refuseWhileUsed(digest, await usersOf(tx, repository.id, digest));
      await record({
        kind: 'blob-deleted',
        actor: actorName(principal),
        subject: `${repository.name}@${digest}`,
        detail: { repository: repository.name, digest },
      });
      await tx.repositoryBlob.delete({
        where: { repositoryId_blobId: { repositoryId: repository.id, blobId: link.blob_id } },
      });
    });
  }
}

interface ManifestDeletion {
  readonly repository: RepositoryRef;
  readonly digest: Digest;
  readonly actor: string;
}

async function deleteByDigest(tx: Transaction, record: RecordEvent, deletion: ManifestDeletion): Promise<void> {
  const { repository, digest, actor } = deletion;
  // Whoever pushes an index that names this manifest holds the same row, until its references can be seen.
  const [link] = await tx.$queryRaw<{ manifest_id: bigint }[]>`
    SELECT p.manifest_id FROM repository_manifest p JOIN image_manifest m ON m.id = p.manifest_id
    WHERE p.repository_id = ${repository.id} AND m.digest = ${digest} FOR UPDATE OF p`;
  if (link === undefined) {
    throw new ArchiveError('MANIFEST_UNKNOWN', { repository: repository.name, reference: digest });
  }
  refuseWhileUsed(digest, await usersOf(tx, repository.id, digest));
  const key = { repositoryId: repository.id, manifestId: link.manifest_id };
  const tags = await tx.tag.findMany({ where: key, orderBy: { name: 'asc' }, select: { name: true } });
  for (const { name } of tags) await deleteTag(tx, record, { repository, tag: name, actor });
  await record({
    kind: 'manifest-deleted',
    actor,
    subject: `${repository.name}@${digest}`,
    detail: { repository: repository.name, digest },
  });
  await tx.repositoryManifest.delete({ where: { repositoryId_manifestId: key } });
}

/** The versions are held as they are until the transaction ends: a draft cannot be published in between. */
async function requireWorking(tx: Transaction, repository: RepositoryRef, reference: string): Promise<void> {
  const versions = await tx.$queryRaw<{ state: string; number: number; image_digest: string | null }[]>`
    SELECT v.state::text AS state, v.number, v.image_digest FROM record_version v
    JOIN archive_record r ON r.id = v.record_id
    WHERE r.repository_id = ${repository.id} ORDER BY v.id FOR SHARE OF v`;
  if (versions.some(({ state }) => state === 'published' || state === 'withdrawn')) {
    throw new ArchiveError('UNSUPPORTED', { repository: repository.name, reason: 'archived: nothing leaves it' });
  }
  const draft = versions.find(({ image_digest }) => image_digest === reference);
  if (draft !== undefined) {
    throw new ArchiveError('UNSUPPORTED', { digest: reference, usedBy: [`${repository.name}@v${draft.number}`] });
  }
}

/** What in this repository cannot do without: indexes and images by their digest, drafts by the path of their file. */
async function usersOf(tx: Transaction, repositoryId: bigint, digest: Digest): Promise<string[]> {
  const rows = await tx.$queryRaw<{ name: string }[]>`
    (SELECT m.digest AS name FROM manifest_reference f
     JOIN image_manifest m ON m.id = f.manifest_id
     JOIN repository_manifest p ON p.manifest_id = m.id AND p.repository_id = ${repositoryId}
     WHERE f.digest = ${digest} AND f.kind <> 'subject' LIMIT ${REPORTED})
    UNION ALL
    (SELECT f.path AS name FROM package_file f
     JOIN record_version v ON v.id = f.version_id JOIN archive_record r ON r.id = v.record_id
     WHERE f.digest = ${digest} AND r.repository_id = ${repositoryId} LIMIT ${REPORTED})`;
  return rows.map(({ name }) => name);
}

function refuseWhileUsed(digest: Digest, users: readonly string[]): void {
  if (users.length > 0) throw new ArchiveError('UNSUPPORTED', { digest, usedBy: users.slice(0, REPORTED) });
}

import { Injectable } from '@nestjs/common';
import { ArchiveError } from '@envarium/errors';
import type { JournalEntry, Transaction } from '@envarium/journal';
import { MANIFEST_MAX_SIZE, parseDigest, parseManifest } from '@envarium/oci';
import { z } from 'zod';
import { ContentService } from './content.service.js';
import { insertManifest, namedBlobs } from './manifest-rows.js';
import { writeMirror } from './mirror-rows.js';
import { writeTag, writeTagDeletion } from './tag-rows.js';

const RepositoryCreated = z.object({
  repository: z.string(),
  namespace: z.string(),
  visibility: z.enum(['public', 'private']),
});
const VisibilityChanged = z.object({ repository: z.string(), visibility: z.enum(['public', 'private']) });
const ManifestPushed = z.object({ repository: z.string(), digest: z.string(), mediaType: z.string() });
const TagMoved = z.object({
  repository: z.string(),
  tag: z.string(),
  digest: z.string(),
  previous: z.string().nullable(),
});
const TagDeleted = z.object({ repository: z.string(), tag: z.string(), previous: z.string().nullable() });
const ContentDeleted = z.object({ repository: z.string(), digest: z.string() });
const MirrorRecorded = z.object({ repository: z.string(), digest: z.string(), reference: z.string() });
const NamespaceCreated = z.object({ namespace: z.string() });

/** Rebuilds the registry's archival rows from journal entries and stored bytes. */
@Injectable()
export class RegistryReplayService {
  constructor(private readonly content: ContentService) {}

  /** @returns false when the entry is not of the registry's kinds */
  async replay(tx: Transaction, entry: JournalEntry): Promise<boolean> {
    const { kind, detail } = entry;
    if (kind === 'namespace-created') await this.namespaceCreated(tx, entry, NamespaceCreated.parse(detail));
    else if (kind === 'repository-created') await this.repositoryCreated(tx, entry, RepositoryCreated.parse(detail));
    else if (kind === 'visibility-changed') await this.visibilityChanged(tx, VisibilityChanged.parse(detail));
    else if (kind === 'manifest-pushed') await this.manifestPushed(tx, entry, ManifestPushed.parse(detail));
    else if (kind === 'tag-moved') await this.tagMoved(tx, entry, TagMoved.parse(detail));
    else if (kind === 'tag-deleted') await this.tagDeleted(tx, entry, TagDeleted.parse(detail));
    else if (kind === 'manifest-deleted') await this.manifestDeleted(tx, ContentDeleted.parse(detail));
    else if (kind === 'blob-deleted') await this.blobDeleted(tx, ContentDeleted.parse(detail));
    else if (kind === 'mirror-recorded') await this.mirrorRecorded(tx, entry, MirrorRecorded.parse(detail));
    else return false;
    return true;
  }

  private async namespaceCreated(
    tx: Transaction,
    entry: JournalEntry,
    detail: z.infer<typeof NamespaceCreated>,
  ): Promise<void> {
    await tx.namespace.create({ data: { name: detail.namespace, createdAt: entry.at, createdBy: entry.actor } });
  }

  private async repositoryCreated(
    tx: Transaction,
    entry: JournalEntry,
    detail: z.infer<typeof RepositoryCreated>,
  ): Promise<void> {
    const namespace = await tx.namespace.findUniqueOrThrow({ where: { name: detail.namespace } });
    await tx.repository.create({
      data: {
        name: detail.repository,
        namespaceId: namespace.id,
        visibility: detail.visibility,
        createdAt: entry.at,
        createdBy: entry.actor,
      },
    });
  }

  private async visibilityChanged(tx: Transaction, detail: z.infer<typeof VisibilityChanged>): Promise<void> {
    await tx.repository.update({ where: { name: detail.repository }, data: { visibility: detail.visibility } });
  }

  private async manifestPushed(
    tx: Transaction,
    entry: JournalEntry,
    detail: z.infer<typeof ManifestPushed>,
  ): Promise<void> {
    const digest = parseDigest(detail.digest);
    const bytes = await this.content.read(digest, MANIFEST_MAX_SIZE);
    const parsed = parseManifest(bytes, detail.mediaType);
    const repository = await requireRepository(tx, detail.repository);
    const blobs = await this.content.register(tx, namedBlobs(parsed));
    await this.content.attach(tx, repository.id, blobs.values());
    const pushed = { repositoryId: repository.id, at: entry.at, by: entry.actor };
    await insertManifest(tx, this.content, { digest, size: bytes.length, parsed }, pushed);
  }

  private async tagMoved(tx: Transaction, entry: JournalEntry, detail: z.infer<typeof TagMoved>): Promise<void> {
    const repository = await requireRepository(tx, detail.repository);
    const manifest = await tx.imageManifest.findUniqueOrThrow({ where: { digest: detail.digest } });
    const move = { repository, tag: detail.tag, manifestId: manifest.id, digest: detail.digest, actor: entry.actor };
    await writeTag(tx, move, { id: entry.id, at: entry.at, previous: detail.previous });
  }

  private async tagDeleted(tx: Transaction, entry: JournalEntry, detail: z.infer<typeof TagDeleted>): Promise<void> {
    const { id } = await requireRepository(tx, detail.repository);
    const deletion = { repositoryId: id, tag: detail.tag, actor: entry.actor };
    await writeTagDeletion(tx, deletion, { id: entry.id, at: entry.at, previous: detail.previous });
  }

  private async manifestDeleted(tx: Transaction, detail: z.infer<typeof ContentDeleted>): Promise<void> {
    const { id } = await requireRepository(tx, detail.repository);
    await tx.repositoryManifest.deleteMany({ where: { repositoryId: id, manifest: { digest: detail.digest } } });
  }

  /** A blob that no image manifest ever named was never attached by a replay. */
  private async blobDeleted(tx: Transaction, detail: z.infer<typeof ContentDeleted>): Promise<void> {
    const { id } = await requireRepository(tx, detail.repository);
    await tx.repositoryBlob.deleteMany({ where: { repositoryId: id, blob: { digest: detail.digest } } });
  }

  private async mirrorRecorded(
    tx: Transaction,
    entry: JournalEntry,
    { repository: name, digest, reference }: z.infer<typeof MirrorRecorded>,
  ): Promise<void> {
    const repository = await requireRepository(tx, name);
    await writeMirror(tx, { repository, digest, reference, actor: entry.actor }, entry.at);
  }
}

async function requireRepository(
  tx: Transaction,
  name: string,
): Promise<{ id: bigint; name: string; visibility: 'public' | 'private' }> {
  const repository = await tx.repository.findUnique({ where: { name } });
  if (repository === null) throw new ArchiveError('NAME_UNKNOWN', { name });
  return repository;
}

import { Injectable } from '@nestjs/common';
import { actorName, type Principal } from '@envarium/access';
import { ArchiveError } from '@envarium/errors';
import { JournalService, type RecordEvent, type Transaction } from '@envarium/journal';
import { ManifestsService, moveTag, type NewManifest } from '@envarium/registry';
import type { PublishVersion, RecordDocument } from '@envarium/schema';
import { ulid } from 'ulid';
import { DraftsService } from './drafts.service.js';
import type { VersionRow } from './record.presenter.js';
import { RecordArtifactService } from './record-artifact.service.js';
import { RecordsService } from './records.service.js';
import { freezeVersion, placeHold } from './publication-rows.js';

/** Freezes a version: record artifact, tags, hold. From here on nothing in it can change or vanish. */
@Injectable()
export class PublishService {
  constructor(
    private readonly records: RecordsService,
    private readonly drafts: DraftsService,
    private readonly manifests: ManifestsService,
    private readonly artifacts: RecordArtifactService,
    private readonly journal: JournalService,
  ) {}

  /**
   * @returns the reference of the published version
   * @throws ArchiveError VERSION_PUBLISHED, VERSION_INCOMPLETE, VERSION_IMAGE_UNKNOWN, SECRET_FOUND, and as
   *   `RecordsService.requireWritableVersion`
   */
  async publish(principal: Principal, reference: string, options: PublishVersion): Promise<string> {
    const version = await this.records.requireWritableVersion(principal, reference);
    if (version.state !== 'draft') throw new ArchiveError('VERSION_PUBLISHED', { reference, state: version.state });
    const draft = await this.drafts.read(version.documentDigest);
    await this.requireComplete(version, draft, options);
    const document: RecordDocument = {
      ...draft,
      publishedAt: new Date().toISOString(),
      publishedBy: actorName(principal),
    };
    const artifact = await this.artifacts.prepare(document);
    await this.journal.transaction(async (tx, record) => {
      await requireSameDraft(tx, version);
      await this.freeze(tx, record, version, { document, artifact });
    });
    return `${version.record.repository.name}@v${version.number}`;
  }

  private async freeze(
    tx: Transaction,
    record: RecordEvent,
    version: VersionRow,
    { document, artifact }: { document: RecordDocument; artifact: NewManifest },
  ): Promise<void> {
    const { repository } = version.record;
    const actor = document.publishedBy ?? 'unknown';
    const inserted = await this.artifacts.insert(tx, record, repository, artifact, actor);
    const tag = `v${version.number}`;
    if (document.image !== null) {
      const image = await tx.imageManifest.findUniqueOrThrow({
        where: { digest: document.image.digest },
        select: { id: true },
      });
      await moveTag(tx, record, { repository, tag, manifestId: image.id, digest: document.image.digest, actor });
    }
    await moveTag(tx, record, {
      repository,
      tag: `${tag}.record`,
      manifestId: inserted.id,
      digest: inserted.digest,
      actor,
    });
    const published = {
      record: version.record.publicId,
      version: version.number,
      recordDigest: inserted.digest,
      documentDigest: artifact.parsed.config?.digest ?? '',
    };
    const at = new Date(document.publishedAt ?? Date.now());
    const subject = `${repository.name}@v${version.number}`;
    await record({ kind: 'published', actor, subject, detail: published, at });
    await freezeVersion(tx, version.id, { ...published, at, by: actor });
    const hold = { id: ulid(), reason: 'published: kept for as long as this archive exists' };
    const event = await record({
      kind: 'hold-placed',
      actor,
      subject,
      detail: { record: published.record, version: published.version, ...hold },
    });
    await placeHold(tx, version.id, { ...hold, at: event.at, by: actor });
  }

  private async requireComplete(version: VersionRow, draft: RecordDocument, options: PublishVersion): Promise<void> {
    const reference = `${version.record.repository.name}@v${version.number}`;
    if (draft.image === null && draft.packageFiles.length === 0)
      throw new ArchiveError('VERSION_INCOMPLETE', { reference });
    const secrets = draft.packageFiles.filter((file) => file.secretCount > 0).map((file) => file.path);
    if (secrets.length > 0 && !options.acceptSecrets)
      throw new ArchiveError('SECRET_FOUND', { reference, files: secrets });
    if (draft.image === null) return;
    const { repository } = version.record;
    await this.manifests.find(repository, draft.image.digest).catch((cause: unknown) => {
      throw new ArchiveError(
        'VERSION_IMAGE_UNKNOWN',
        { repository: repository.name, image: draft.image?.digest },
        { cause },
      );
    });
  }
}

/** Somebody may have deposited or published in between: what was read must still be what is there. */
async function requireSameDraft(tx: Transaction, version: VersionRow): Promise<void> {
  const rows = await tx.$queryRaw<{ state: string; document_digest: string }[]>`
    SELECT state::text, document_digest FROM record_version WHERE id = ${version.id} FOR UPDATE`;
  const [now] = rows;
  const reference = `${version.record.repository.name}@v${version.number}`;
  if (now?.state !== 'draft') throw new ArchiveError('VERSION_PUBLISHED', { reference, state: now?.state });
  if (now.document_digest !== version.documentDigest) {
    throw new ArchiveError('DEPOSIT_INVALID', { reference, reason: 'changed-while-publishing' });
  }
}

import { Injectable } from '@nestjs/common';
import { actorName, type Principal } from '@envarium/access';
import { JournalService, type RecordEvent, type Transaction } from '@envarium/journal';
import { parseDigest, type RepositoryName } from '@envarium/oci';
import { ContentService, RepositoriesService, type RepositoryRef } from '@envarium/registry';
import { canonicalJson, RecordDocument, type Visibility } from '@envarium/schema';
import { newRecordId } from './record-id.js';
import { writeDraft } from './version-rows.js';

/** What a deposit says; a field that is undefined is taken from the draft that is replaced. */
export interface DraftContent extends Pick<RecordDocument, 'packageFiles' | 'environment' | 'hardware'> {
  readonly title: string | undefined;
  readonly description: string | undefined;
  readonly image: RecordDocument['image'] | undefined;
}

/** Where a deposit goes; the repository is made with the first draft. */
export interface DraftTarget {
  readonly name: RepositoryName;
  readonly existing: RepositoryRef | null;
  readonly visibility: Visibility;
}

export interface Deposited {
  readonly reference: string;
  /** False when exactly this was deposited before. */
  readonly isNew: boolean;
}

interface LatestVersion {
  readonly number: number;
  readonly state: string;
  readonly documentDigest: string;
}

const DOCUMENT_LIMIT = 64 * 1024 * 1024;

/** The one draft that a record can have: made after the last published version, replaced until it is published. */
@Injectable()
export class DraftsService {
  constructor(
    private readonly journal: JournalService,
    private readonly content: ContentService,
    private readonly repositories: RepositoriesService,
  ) {}

  async save(principal: Principal, target: DraftTarget, draft: DraftContent): Promise<Deposited> {
    const actor = actorName(principal);
    return await this.journal.transaction(async (tx, record) => {
      // One deposit at a time for a record: version numbers have no gaps and no twins.
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`record:${target.name}`}, 0))`;
      const repository =
        target.existing ?? (await this.repositories.ensure(tx, record, principal, target.name, target.visibility));
      const archiveRecord = await this.ensureRecord(tx, record, repository, actor);
      // Held until the end: a publication under way either is over by now, or finds that its draft has changed.
      const [latest] = await tx.$queryRaw<LatestVersion[]>`
        SELECT number, state::text AS state, document_digest AS "documentDigest" FROM record_version
        WHERE record_id = ${archiveRecord.id} ORDER BY number DESC LIMIT 1 FOR UPDATE`;
      const replaced = latest?.state === 'draft' ? await this.read(latest.documentDigest) : null;
      const document: RecordDocument = {
        schemaVersion: 1,
        record: { id: archiveRecord.publicId, repository: repository.name },
        version: replaced?.version ?? (latest?.number ?? 0) + 1,
        title: draft.title ?? replaced?.title ?? repository.name,
        description: draft.description ?? replaced?.description ?? null,
        createdAt: replaced?.createdAt ?? new Date().toISOString(),
        createdBy: replaced?.createdBy ?? actor,
        publishedAt: null,
        publishedBy: null,
        image: draft.image === undefined ? (replaced?.image ?? null) : draft.image,
        packageFiles: draft.packageFiles,
        environment: draft.environment,
        hardware: draft.hardware,
      };
      const reference = `${repository.name}@v${document.version}`;
      const { digest: documentDigest, size } = await this.content.write(canonicalJson(document), tx);
      if (replaced !== null && documentDigest === latest?.documentDigest) return { reference, isNew: false };
      await this.content.register(tx, [{ digest: documentDigest, size }]);
      await writeDraft(
        tx,
        this.content,
        { id: archiveRecord.id, repositoryId: repository.id },
        { document, documentDigest },
      );
      await record({
        kind: 'deposited',
        actor,
        subject: reference,
        detail: { record: archiveRecord.publicId, version: document.version, documentDigest },
      });
      return { reference, isNew: true };
    });
  }

  async read(documentDigest: string): Promise<RecordDocument> {
    const bytes = await this.content.read(parseDigest(documentDigest), DOCUMENT_LIMIT);
    return RecordDocument.parse(JSON.parse(bytes.toString('utf8')));
  }

  private async ensureRecord(
    tx: Transaction,
    record: RecordEvent,
    repository: RepositoryRef,
    actor: string,
  ): Promise<{ id: bigint; publicId: string }> {
    const found = await tx.archiveRecord.findUnique({
      where: { repositoryId: repository.id },
      select: { id: true, publicId: true },
    });
    if (found !== null) return found;
    const publicId = newRecordId();
    const event = await record({
      kind: 'record-created',
      actor,
      subject: publicId,
      detail: { record: publicId, repository: repository.name },
    });
    return await tx.archiveRecord.create({
      data: { publicId, repositoryId: repository.id, createdAt: event.at, createdBy: actor },
      select: { id: true, publicId: true },
    });
  }
}

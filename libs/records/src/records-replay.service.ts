import { Injectable } from '@nestjs/common';
import type { JournalEntry, Transaction } from '@envarium/journal';
import { ContentService } from '@envarium/registry';
import { z } from 'zod';
import { DraftsService } from './drafts.service.js';
import { freezeVersion, placeHold } from './publication-rows.js';
import { writeDraft } from './version-rows.js';

const RecordCreated = z.object({ record: z.string(), repository: z.string() });
const VersionEvent = z.object({ record: z.string(), version: z.number().int() });
const Deposited = VersionEvent.extend({ documentDigest: z.string() });
const Published = Deposited.extend({ recordDigest: z.string() });
const HoldPlaced = VersionEvent.extend({ id: z.string(), reason: z.string() });

/** Rebuilds records, versions and holds from journal entries and archived documents. */
@Injectable()
export class RecordsReplayService {
  constructor(
    private readonly content: ContentService,
    private readonly drafts: DraftsService,
  ) {}

  /** @returns false when the entry is not of the records' kinds */
  async replay(tx: Transaction, entry: JournalEntry): Promise<boolean> {
    const { kind, detail } = entry;
    if (kind === 'record-created') await this.recordCreated(tx, entry, RecordCreated.parse(detail));
    else if (kind === 'deposited') await this.deposited(tx, Deposited.parse(detail));
    else if (kind === 'published') await this.published(tx, entry, Published.parse(detail));
    else if (kind === 'hold-placed') await this.holdPlaced(tx, entry, HoldPlaced.parse(detail));
    else return false;
    return true;
  }

  private async recordCreated(
    tx: Transaction,
    entry: JournalEntry,
    detail: z.infer<typeof RecordCreated>,
  ): Promise<void> {
    const repository = await tx.repository.findUniqueOrThrow({ where: { name: detail.repository } });
    await tx.archiveRecord.create({
      data: { publicId: detail.record, repositoryId: repository.id, createdAt: entry.at, createdBy: entry.actor },
    });
  }

  private async deposited(tx: Transaction, detail: z.infer<typeof Deposited>): Promise<void> {
    const document = await this.drafts.read(detail.documentDigest);
    const record = await tx.archiveRecord.findUniqueOrThrow({ where: { publicId: detail.record } });
    await writeDraft(tx, this.content, record, { document, documentDigest: detail.documentDigest });
  }

  private async published(tx: Transaction, entry: JournalEntry, detail: z.infer<typeof Published>): Promise<void> {
    const { id } = await findVersion(tx, detail);
    await freezeVersion(tx, id, { ...detail, at: entry.at, by: entry.actor });
  }

  private async holdPlaced(tx: Transaction, entry: JournalEntry, detail: z.infer<typeof HoldPlaced>): Promise<void> {
    const { id } = await findVersion(tx, detail);
    await placeHold(tx, id, { id: detail.id, reason: detail.reason, at: entry.at, by: entry.actor });
  }
}

async function findVersion(tx: Transaction, key: z.infer<typeof VersionEvent>): Promise<{ id: bigint }> {
  return await tx.recordVersion.findFirstOrThrow({
    where: { record: { publicId: key.record }, number: key.version },
    select: { id: true },
  });
}

import { Injectable } from '@nestjs/common';
import type { JournalEntry, Transaction } from '@envarium/journal';
import { z } from 'zod';
import { LinkArchive } from './link-archive.js';
import { writeLink } from './link-rows.js';

const Linked = z.object({ artifactDigest: z.string() });

/** Rebuilds articles, outputs, runs and links from journal entries and archived link documents. */
@Injectable()
export class ArticlesReplayService {
  constructor(private readonly archive: LinkArchive) {}

  /** @returns false when the entry is not a link */
  async replay(tx: Transaction, entry: JournalEntry): Promise<boolean> {
    if (entry.kind !== 'linked') return false;
    const { artifactDigest } = Linked.parse(entry.detail);
    await writeLink(tx, await this.archive.read(artifactDigest), artifactDigest);
    return true;
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { PrismaService } from '@envarium/database';
import { ArchiveError, type ErrorCode } from '@envarium/errors';
import { type Digest, parseDigest } from '@envarium/oci';
import { type BlobReader, SECOND_STORE, STORE, type SecondStore, type Store } from '@envarium/storage';
import type { BlobSource } from './blob-source.js';
import { missingEntries } from './missing-entries.js';

/** Rows that are read at once. */
const BATCH = 100;
const MISFITS: ReadonlySet<ErrorCode> = new Set(['DIGEST_INVALID', 'SIZE_INVALID', 'BLOB_CORRUPT', 'BLOB_UNKNOWN']);

export interface Replicated {
  readonly blobs: number;
  readonly bytes: number;
  readonly entries: number;
  /** Blobs whose bytes are not what their digest says; fixity looks at them next. */
  readonly damaged: number;
}

interface BlobRow {
  readonly id: bigint;
  readonly digest: string;
  readonly size: bigint;
}

/** Keeps a second store equal to the first, and takes from there what the first has lost. */
@Injectable()
export class ReplicationService implements BlobSource {
  readonly name = 'second-store';

  /** Entries of the journal when all of them were found in the second store. */
  private knownEntries = -1;

  constructor(
    private readonly prisma: PrismaService,
    @Inject(STORE) private readonly store: Store,
    @Inject(SECOND_STORE) private readonly second: SecondStore | null,
  ) {}

  /**
   * Copies what is not in the second store yet: blobs that are sound, the oldest first, and journal entries. Safe to repeat,
   * to break off and to run in several processes.
   * @param byteBudget ends the run after the blob that exceeds it
   */
  async replicate(byteBudget: number): Promise<Replicated> {
    const done = { blobs: 0, bytes: 0, entries: 0, damaged: 0 };
    if (this.second === null) return done;
    const second = await this.second.open();
    await this.assertKept(second);
    done.entries = await this.copyJournal(second);
    let last = 0n;
    while (done.bytes < byteBudget) {
      const rows = await this.notCopied(last);
      for (const row of rows) {
        last = row.id;
        done.bytes += Number(row.size);
        if (await this.copy(row, second)) done.blobs += 1;
        else done.damaged += 1;
        if (done.bytes >= byteBudget) break;
      }
      if (rows.length < BATCH) break;
    }
    return done;
  }

  /**
   * Writes the bytes of a blob anew from the second store, where that has them whole; they are verified on their way.
   * Rows and events stay as they are: whoever knew of the damage tells of the healing.
   * @returns false when there is no second store, or none of its bytes are right
   * @throws ArchiveError STORE_UNAVAILABLE, STORE_FULL
   */
  async restore({ digest, size }: { digest: Digest; size: number }): Promise<boolean> {
    if (this.second === null) return false;
    const second = await this.second.open();
    try {
      await transfer(second, this.store, { digest, size, heal: true });
      return true;
    } catch (error) {
      if (!isMisfit(error)) throw error;
      // Not a copy any more: the next run makes another, when the first store has the bytes again.
      await this.prisma.blob.updateMany({ where: { digest }, data: { copiedAt: null } });
      return false;
    }
  }

  /** An empty directory where copies should be is a disk that is not mounted: to fill it would hide that. */
  private async assertKept(second: Store): Promise<void> {
    const copied = await this.prisma.blob.findFirst({ where: { copiedAt: { not: null } }, select: { id: true } });
    if (copied === null) return;
    for await (const _ of second.blobs.list()) return;
    throw new ArchiveError('STORE_UNAVAILABLE', { store: 'second', reason: 'it is empty, but copies were made' });
  }

  private async notCopied(after: bigint): Promise<BlobRow[]> {
    return await this.prisma.blob.findMany({
      where: { id: { gt: after }, copiedAt: null, state: 'ok' },
      select: { id: true, digest: true, size: true },
      orderBy: { id: 'asc' },
      take: BATCH,
    });
  }

  /** @returns false when the first store has not what the row says */
  private async copy(row: BlobRow, second: Store): Promise<boolean> {
    const digest = parseDigest(row.digest);
    const size = Number(row.size);
    try {
      // A run that broke off left whole copies behind; whatever else is at their place is replaced.
      const isThere = (await second.blobs.verify(digest, { size })).outcome === 'ok';
      if (!isThere) await transfer(this.store, second, { digest, size, heal: true });
    } catch (error) {
      if (!isMisfit(error)) throw error;
      await this.prisma.blob.updateMany({ where: { id: row.id, state: 'ok' }, data: { lastVerifiedAt: null } });
      return false;
    }
    await this.prisma.blob.update({ where: { id: row.id }, data: { copiedAt: new Date() } });
    return true;
  }

  /** Compares the lists of both stores, as an entry may come later than entries of higher ids. */
  private async copyJournal(second: Store): Promise<number> {
    const total = await this.prisma.event.count({ where: { storedAt: { not: null } } });
    if (total === this.knownEntries) return 0;
    let copied = 0;
    for await (const id of missingEntries(this.store.journal.ids(), second.journal.ids())) {
      const body = await this.store.journal.read(id);
      if (body === null) continue;
      await second.journal.append({ id, body });
      copied += 1;
    }
    this.knownEntries = total;
    return copied;
  }
}

async function transfer(
  from: Store,
  to: Store,
  { digest, size, heal }: { digest: Digest; size: number; heal: boolean },
): Promise<void> {
  const reader: BlobReader = await from.blobs.open(digest);
  try {
    await to.blobs.put(reader, { digest, size, heal });
  } finally {
    await reader.close();
  }
}

/** True when the source has not the bytes; anything else is a store that cannot be reached now. */
function isMisfit(error: unknown): boolean {
  return error instanceof ArchiveError && MISFITS.has(error.code);
}

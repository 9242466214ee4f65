import { type OnApplicationBootstrap, Inject, Injectable } from '@nestjs/common';
import { isDeadlock, type Prisma, PrismaService } from '@envarium/database';
import { canonicalJson } from '@envarium/schema';
import { STORE, type Store } from '@envarium/storage';
import { monotonicFactory } from 'ulid';
import { type ArchiveEvent, type NewEvent } from './event.js';

export type Transaction = Prisma.TransactionClient;

/** Writes one fact in the transaction of the change that it tells of. Returns the event, with its id and time. */
export type RecordEvent = (event: NewEvent) => Promise<ArchiveEvent>;

const FLUSH_BATCH = 500;
const ATTEMPTS = 3;

/**
 * Append-only facts. The row is written in the same transaction as the change; the journal entry in the object store
 * follows before the caller is answered. A crash in between leaves a row without `storedAt`, which the next flush finds.
 */
@Injectable()
export class JournalService implements OnApplicationBootstrap {
  private readonly ulid = monotonicFactory();

  constructor(
    private readonly prisma: PrismaService,
    @Inject(STORE) private readonly store: Store,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.flush();
  }

  /**
   * Runs `work` in one transaction; what it records is durable in database and object store when this resolves. It runs
   * again, from the start, when PostgreSQL ended it to resolve a deadlock.
   */
  async transaction<T>(work: (tx: Transaction, record: RecordEvent) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.attempt(work);
      } catch (error) {
        if (attempt === ATTEMPTS || !isDeadlock(error)) throw error;
      }
    }
  }

  private async attempt<T>(work: (tx: Transaction, record: RecordEvent) => Promise<T>): Promise<T> {
    const events: ArchiveEvent[] = [];
    const result = await this.prisma.$transaction(async (tx) => {
      return await work(tx, async (event) => {
        const written = await this.insert(tx, event);
        events.push(written);
        return written;
      });
    });
    for (const event of events) await this.storeEntry(event);
    return result;
  }

  /** Stores the entries that a crash left behind. Safe to repeat and to run in several processes. */
  async flush(): Promise<number> {
    let count = 0;
    for (;;) {
      const rows = await this.prisma.event.findMany({
        where: { storedAt: null },
        orderBy: { seq: 'asc' },
        take: FLUSH_BATCH,
      });
      for (const row of rows) await this.storeEntry(row);
      count += rows.length;
      if (rows.length < FLUSH_BATCH) return count;
    }
  }

  private async insert(tx: Transaction, event: NewEvent): Promise<ArchiveEvent> {
    return await tx.event.create({
      data: {
        id: this.ulid(),
        kind: event.kind,
        at: event.at ?? new Date(),
        actor: event.actor,
        subject: event.subject,
        detail: event.detail,
      },
    });
  }

  private async storeEntry(event: ArchiveEvent): Promise<void> {
    await this.store.journal.append({
      id: event.id,
      body: canonicalJson({
        id: event.id,
        seq: Number(event.seq),
        kind: event.kind,
        at: event.at.toISOString(),
        actor: event.actor,
        subject: event.subject,
        detail: event.detail,
      }),
    });
    await this.prisma.event.updateMany({ where: { id: event.id, storedAt: null }, data: { storedAt: new Date() } });
  }
}

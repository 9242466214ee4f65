import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PrismaService } from '@envarium/database';
import { openStore, type Store } from '@envarium/storage';
import { createTestDatabase, type TestDatabase } from '@envarium/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JournalEntry, type NewEvent } from './event.js';
import { JournalService } from './journal.service.js';

const CREATED: NewEvent = { kind: 'namespace-created', actor: 'ada', subject: 'lab', detail: { namespace: 'lab' } };

describe('journal/journal.service', () => {
  let database: TestDatabase;
  let prisma: PrismaService;
  let directory: string;
  let store: Store;
  let journal: JournalService;

  beforeEach(async () => {
    database = await createTestDatabase();
    prisma = new PrismaService({ url: database.url, poolSize: 3 });
    directory = await mkdtemp(path.join(tmpdir(), 'envarium-journal-'));
    store = await openStore(storage());
    journal = new JournalService(prisma, store);
  });

  afterEach(async () => {
    await prisma.$disconnect();
    await database.drop();
    await rm(directory, { recursive: true });
  });

  const storage = () => ({ kind: 'filesystem', directory: path.join(directory, 'store') }) as const;

  async function entries(): Promise<JournalEntry[]> {
    const found: JournalEntry[] = [];
    for await (const { body } of store.journal.entries()) found.push(JournalEntry.parse(JSON.parse(body.toString())));
    return found.toSorted((a, b) => a.seq - b.seq);
  }
  const unstored = async (): Promise<number> => await prisma.event.count({ where: { storedAt: null } });

  it('has the fact in the database and in the store when it answers', async () => {
    const at = new Date('2026-03-01T12:00:00.123Z');

    const result = await journal.transaction(async (_, record) => (await record({ ...CREATED, at })).id);

    expect(await entries()).toEqual([{ id: result, seq: 1, ...CREATED, at }]);
    expect(await unstored()).toBe(0);
  });

  it('has it in neither when the work fails', async () => {
    const work = journal.transaction(async (_, record) => {
      await record(CREATED);
      throw new Error('changed my mind');
    });

    await expect(work).rejects.toThrow('changed my mind');
    expect(await prisma.event.count()).toBe(0);
    expect(await entries()).toEqual([]);
  });

  it('keeps the order of facts of one transaction', async () => {
    const subjects = ['a', 'b', 'c', 'd'];

    await journal.transaction(async (_, record) => {
      for (const subject of subjects) await record({ ...CREATED, subject });
    });

    expect((await entries()).map(({ subject }) => subject)).toEqual(subjects);
    const ids = (await entries()).map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted());
  });

  it('stores later what a store that was away missed', async () => {
    const away = path.join(directory, 'away');
    await rename(path.join(directory, 'store/staging'), away);
    await expect(journal.transaction(async (_, record) => await record(CREATED))).rejects.toThrow();
    expect([await unstored(), await entries()]).toEqual([1, []]);

    await rename(away, path.join(directory, 'store/staging'));

    expect(await journal.flush()).toBe(1);
    expect(await entries()).toMatchObject([CREATED]);
    expect([await unstored(), await journal.flush()]).toEqual([0, 0]);
  });

  it('may be flushed by several processes at once', async () => {
    await journal.transaction(async (_, record) => {
      for (let i = 0; i < 20; i++) await record({ ...CREATED, subject: String(i) });
    });
    // As a crash between the commit and the first entry would leave it.
    await rm(path.join(directory, 'store/journal'), { recursive: true });
    await prisma.$executeRaw`ALTER TABLE event DISABLE TRIGGER append_only`;
    await prisma.event.updateMany({ data: { storedAt: null } });
    await prisma.$executeRaw`ALTER TABLE event ENABLE TRIGGER append_only`;

    const stores = await Promise.all([1, 2, 3].map(async () => await openStore(storage())));
    await Promise.all(stores.map((each) => new JournalService(prisma, each).flush()));

    expect((await entries()).map(({ subject }) => subject)).toEqual(Array.from({ length: 20 }, (_, i) => String(i)));
  });

  it('does not lose facts that are recorded at once', async () => {
    await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        journal.transaction(async (__, record) => await record({ ...CREATED, subject: String(i) })),
      ),
    );

    const subjects = (await entries()).map(({ subject }) => Number(subject));
    expect(subjects.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i));
  });

  it('does the work again that PostgreSQL ended to resolve a deadlock, and tells it once', async () => {
    let waiting = 0;
    const both = new Promise<void>((resolve) => {
      const poll = setInterval(() => {
        if (waiting < 2) return;
        clearInterval(poll);
        resolve();
      }, 5);
    });
    const lockBoth = async (first: number, second: number): Promise<void> => {
      await journal.transaction(async (tx, record) => {
        await record({ ...CREATED, subject: `${first} ${second}` });
        await tx.$executeRaw`SELECT pg_advisory_xact_lock(${first})`;
        waiting += 1;
        await both;
        await tx.$executeRaw`SELECT pg_advisory_xact_lock(${second})`;
      });
    };

    await Promise.all([lockBoth(1, 2), lockBoth(2, 1)]);

    expect(waiting).toBe(3);
    expect((await entries()).map(({ subject }) => subject).toSorted()).toEqual(['1 2', '2 1']);
  });
});

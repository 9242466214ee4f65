import { chmod, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import { JournalService } from '@envarium/journal';
import { type Digest, digestOf } from '@envarium/oci';
import { openSecondStore, openStore, type SecondStore, type Store } from '@envarium/storage';
import { createTestDatabase, type TestDatabase } from '@envarium/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContentService } from './content.service.js';
import { ReplicationService } from './replication.service.js';

const ALL = 1 << 30;

describe('registry/replication.service', () => {
  let database: TestDatabase;
  let prisma: PrismaService;
  let directory: string;
  let first: Store;
  let second: Store;
  let content: ContentService;
  let replication: ReplicationService;

  beforeEach(async () => {
    database = await createTestDatabase();
    prisma = new PrismaService({ url: database.url, poolSize: 3 });
    directory = await mkdtemp(path.join(tmpdir(), 'envarium-replication-'));
    first = await openStore({ kind: 'filesystem', directory: path.join(directory, 'first') });
    second = await openStore({ kind: 'filesystem', directory: path.join(directory, 'second') });
    content = new ContentService(prisma, first);
    replication = new ReplicationService(prisma, first, { open: async () => second });
  });

  afterEach(async () => {
    await prisma.$disconnect();
    await database.drop();
    await rm(directory, { recursive: true });
  });

  async function stored(...texts: string[]): Promise<Digest[]> {
    const digests: Digest[] = [];
    for (const text of texts) {
      const blob = await content.write(Buffer.from(text));
      await content.register(prisma, [blob]);
      digests.push(blob.digest);
    }
    return digests;
  }

  async function recorded(subject: string): Promise<void> {
    await new JournalService(prisma, first).transaction(async (_tx, record) => {
      await record({ kind: 'healed', actor: 'test', subject, detail: {} });
    });
  }

  const fileIn = (store: 'first' | 'second', digest: Digest): string =>
    path.join(directory, store, 'blobs/sha256', digest.slice(7, 9), digest.slice(7));

  async function overwrite(store: 'first' | 'second', digest: Digest, text: string): Promise<void> {
    await chmod(fileIn(store, digest), 0o644);
    await writeFile(fileIn(store, digest), text);
  }

  const copied = async (): Promise<string[]> =>
    (await prisma.blob.findMany({ where: { copiedAt: { not: null } }, orderBy: { id: 'asc' } })).map(
      (row) => row.digest,
    );

  const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
    const found: T[] = [];
    for await (const item of items) found.push(item);
    return found;
  };

  it('makes the second store the equal of the first, once', async () => {
    const digests = await stored('one', 'two', 'three');
    await recorded('a');
    await recorded('b');

    expect(await replication.replicate(ALL)).toEqual({ blobs: 3, bytes: 11, entries: 2, damaged: 0 });

    expect(await copied()).toEqual(digests);
    expect(await all(second.blobs.list())).toEqual(await all(first.blobs.list()));
    expect(await all(second.journal.entries())).toEqual(await all(first.journal.entries()));
    expect(await replication.replicate(ALL)).toEqual({ blobs: 0, bytes: 0, entries: 0, damaged: 0 });
  });

  it('copies what came since', async () => {
    await stored('one');
    await recorded('a');
    await replication.replicate(ALL);
    await stored('two');
    await recorded('b');

    expect(await replication.replicate(ALL)).toEqual({ blobs: 1, bytes: 3, entries: 1, damaged: 0 });
  });

  it('ends with the blob that exceeds the budget, the oldest first', async () => {
    const digests = await stored('1'.repeat(1000), '2'.repeat(1000), '3'.repeat(1000));

    expect(await replication.replicate(1500)).toMatchObject({ blobs: 2, bytes: 2000 });

    expect(await copied()).toEqual(digests.slice(0, 2));
  });

  it('goes on after a run that was killed: between copy and row, in a copy, on another file system', async () => {
    const [whole, cut, lost] = (await stored('whole', 'cut off', 'lost')) as [Digest, Digest, Digest];
    await replication.replicate(ALL);
    await prisma.blob.updateMany({ data: { copiedAt: null } });
    await chmod(fileIn('second', cut), 0o644);
    await truncate(fileIn('second', cut), 3);
    await rm(fileIn('second', lost));
    await writeFile(path.join(directory, 'second/staging/half.put'), 'lo');

    expect(await replication.replicate(ALL)).toMatchObject({ blobs: 3, damaged: 0 });

    for (const digest of [whole, cut, lost]) expect((await second.blobs.verify(digest)).outcome).toBe('ok');
    await second.staging.expire(new Date(Date.now() + 60_000));
    expect(await readdir(path.join(directory, 'second/staging'))).toEqual([]);
  });

  it('marks nothing while the second store is out of reach, and catches up', async () => {
    const [digest] = (await stored('one')) as [Digest];
    let isDown = true;
    const flaky: SecondStore = {
      open: async () => {
        if (isDown) throw new ArchiveError('STORE_UNAVAILABLE');
        return second;
      },
    };
    const service = new ReplicationService(prisma, first, flaky);

    await expect(service.replicate(ALL)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(service.restore({ digest, size: 5 })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await copied()).toEqual([]);

    isDown = false;
    expect(await service.replicate(ALL)).toMatchObject({ blobs: 1 });
  });

  it('fills no empty place where copies should be, as an unmounted disk leaves it', async () => {
    await stored('one');
    await replication.replicate(ALL);
    await stored('two');
    const empty = await openStore({ kind: 'filesystem', directory: path.join(directory, 'empty') });
    const service = new ReplicationService(prisma, first, { open: async () => empty });

    await expect(service.replicate(ALL)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });

    expect(await all(empty.blobs.list())).toEqual([]);
    await prisma.blob.updateMany({ data: { copiedAt: null } });
    expect(await service.replicate(ALL)).toMatchObject({ blobs: 2 });
  });

  it('copies no bytes that are not what their digest says, and has fixity look at them', async () => {
    const [damaged, sound] = (await stored('hello', 'sound')) as [Digest, Digest];
    await prisma.blob.updateMany({ data: { lastVerifiedAt: new Date() } });
    await overwrite('first', damaged, 'jello');

    expect(await replication.replicate(ALL)).toMatchObject({ blobs: 1, damaged: 1 });

    expect(await copied()).toEqual([sound]);
    expect(await second.blobs.stat(damaged)).toBeNull();
    expect((await prisma.blob.findUniqueOrThrow({ where: { digest: damaged } })).lastVerifiedAt).toBeNull();
  });

  it('leaves out what is known to be damaged', async () => {
    const [digest] = (await stored('hello')) as [Digest];
    await prisma.blob.update({ where: { digest }, data: { state: 'suspect' } });

    expect(await replication.replicate(ALL)).toMatchObject({ blobs: 0, damaged: 0 });
  });

  it.each([
    ['a flipped byte', async (file: string) => await writeFile(file, 'jello')],
    ['a cut', async (file: string) => await truncate(file, 2)],
    ['a loss', async (file: string) => await rm(file)],
  ])('heals %s', async (_, damage) => {
    const [digest] = (await stored('hello')) as [Digest];
    await replication.replicate(ALL);
    await chmod(fileIn('first', digest), 0o644);
    await damage(fileIn('first', digest));

    expect(await replication.restore({ digest, size: 5 })).toBe(true);

    expect(await readFile(fileIn('first', digest), 'utf8')).toBe('hello');
  });

  it('does not heal with bytes that are wrong as well, and makes another copy later', async () => {
    const [digest] = (await stored('hello')) as [Digest];
    await replication.replicate(ALL);
    await overwrite('first', digest, 'jello');
    await overwrite('second', digest, 'cello');

    expect(await replication.restore({ digest, size: 5 })).toBe(false);

    expect(await readFile(fileIn('first', digest), 'utf8')).toBe('jello');
    await overwrite('first', digest, 'hello');
    expect(await replication.replicate(ALL)).toMatchObject({ blobs: 1 });
    expect(await readFile(fileIn('second', digest), 'utf8')).toBe('hello');
  });

  it('heals nothing that was never copied, or without a second store', async () => {
    const [digest] = (await stored('hello')) as [Digest];

    expect(await replication.restore({ digest, size: 5 })).toBe(false);
    expect(await replication.restore({ digest: digestOf(Buffer.from('nobody knows')), size: 12 })).toBe(false);
    const alone = new ReplicationService(prisma, first, null);
    expect(await alone.restore({ digest, size: 5 })).toBe(false);
    expect(await alone.replicate(ALL)).toEqual({ blobs: 0, bytes: 0, entries: 0, damaged: 0 });
  });

  it('opens the second store when it is there again, and never one that is not a store', async () => {
    const place = path.join(directory, 'later');
    await writeFile(place, 'a file');
    const later = await openSecondStore({ kind: 'filesystem', directory: path.join(place, 'store') });
    await expect(later.open()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await rm(place);
    expect((await later.open()).kind).toBe('filesystem');

    const foreign = path.join(directory, 'foreign');
    await mkdir(foreign);
    await writeFile(path.join(foreign, 'thesis.tex'), 'do not touch');
    await expect(openSecondStore({ kind: 'filesystem', directory: foreign })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });
});

import { ChangeFeed, PrismaService } from '@envarium/database';
import { createTestDatabase, type TestDatabase } from '@envarium/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { PublicContentCache } from './public-content-cache.js';

const BY = { createdAt: new Date('2026-01-31T12:00:00Z'), createdBy: 'ada' };

describe('registry/public-content-cache', () => {
  let database: TestDatabase;
  let prisma: PrismaService;
  let feed: ChangeFeed;
  let cache: PublicContentCache;
  let asked: number;

  beforeEach(async () => {
    database = await createTestDatabase();
    prisma = new PrismaService({ url: database.url, poolSize: 2 });
    feed = new ChangeFeed(database.url);
    cache = new PublicContentCache(feed);
    asked = 0;
    await prisma.blob.create({ data: { digest: `sha256:${'a'.repeat(64)}`, size: 1n } });
    const lab = await prisma.namespace.create({ data: { name: 'lab', ...BY } });
    await prisma.repository.create({ data: { name: 'lab/eeg', namespaceId: lab.id, visibility: 'public', ...BY } });
    return async () => {
      await feed.onApplicationShutdown();
      await prisma.$disconnect();
      await database.drop();
    };
  });

  const find = async (): Promise<string | null> =>
    await cache.find('key', async () => {
      asked += 1;
      return 'value';
    });

  /** Asks until the answer is remembered: the connection that tells of changes takes a moment. */
  async function remembered(): Promise<void> {
    await expect.poll(async () => [await find(), cache.get('key')][1], { timeout: 10_000 }).toBe('value');
  }
  const forgotten = async (): Promise<void> => {
    await expect.poll(() => cache.get('key'), { timeout: 10_000 }).toBeUndefined();
  };

  it('asks once for what it may remember', async () => {
    await remembered();
    const before = asked;

    for (let i = 0; i < 5; i++) expect(await find()).toBe('value');

    expect(asked).toBe(before);
  });

  it('never remembers that something is not there', async () => {
    await remembered();

    expect(await cache.find('other', async () => null)).toBeNull();
    expect(await cache.find('other', async () => 'now')).toBe('now');
  });

  it('forgets when a repository becomes private', async () => {
    await remembered();

    await prisma.repository.update({ where: { name: 'lab/eeg' }, data: { visibility: 'private' } });

    await forgotten();
  });

  it('forgets when a blob is found damaged', async () => {
    await remembered();

    await prisma.blob.updateMany({ data: { state: 'suspect' } });

    await forgotten();
  });

  it('keeps nothing that was read before a change was told', async () => {
    await remembered();

    const stale = await cache.find('late', async () => {
      await prisma.blob.updateMany({ data: { state: 'missing' } });
      await forgotten();
      return 'stale';
    });

    expect(stale).toBe('stale');
    expect(cache.get('late')).toBeUndefined();
  });

  it('remembers nothing while the database cannot tell it of changes, and again when it can', async () => {
    await remembered();
    const killed = await prisma.$queryRaw<{ pid: number }[]>`
      SELECT pid FROM pg_stat_activity WHERE application_name = 'envarium changes' AND datname = current_database()`;

    await prisma.$queryRaw`SELECT pg_terminate_backend(${killed[0]?.pid ?? 0}::int)`;

    await forgotten();
    await remembered();
    expect(killed).toHaveLength(1);
  });
});

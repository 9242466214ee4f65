import { setTimeout as sleep } from 'node:timers/promises';
import { createTestDatabase, type TestDatabase } from '@envarium/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ChangeFeed } from './change-feed.js';
import { PrismaService } from './prisma.service.js';

describe('database/change-feed', () => {
  let database: TestDatabase;
  let prisma: PrismaService;
  let connected: number;
  const heard: string[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    prisma = new PrismaService({ url: database.url, poolSize: 1 });
  });
  afterEach(() => {
    vi.useRealTimers();
    heard.length = 0;
  });
  afterAll(async () => {
    await prisma.$disconnect();
    await database.drop();
  });

  function listening(...channels: string[]): ChangeFeed {
    const feed = new ChangeFeed(database.url);
    connected = 0;
    for (const channel of channels) {
      feed.listen(channel, {
        onChange: () => heard.push(channel),
        onConnected: () => (connected += 1),
        onLost: () => undefined,
      });
    }
    return feed;
  }

  const sessions = async (): Promise<number> => {
    const rows = await prisma.$queryRaw<unknown[]>`
      SELECT pid FROM pg_stat_activity WHERE application_name = 'envarium changes' AND datname = current_database()`;
    return rows.length;
  };

  /** Asks the database until `isSo`. Unlike a poll it moves no clock: a heartbeat would find out later by itself. */
  const until = async (isSo: (open: number) => boolean): Promise<void> => {
    for (let attempt = 0; attempt < 1000; attempt += 1) {
      if (isSo(await sessions())) return;
      await sleep(10);
    }
    expect.fail(`${await sessions()} connections are open, ${connected} listen`);
  };

  it('tells each listener of its own channel', async () => {
    const feed = listening('apples', 'pears');
    await expect.poll(() => connected).toBe(2);

    await prisma.$executeRaw`NOTIFY pears`;

    await expect.poll(() => heard).toEqual(['pears']);
    await feed.onApplicationShutdown();
    await until((open) => open === 0);
  });

  it.each([1, 2, 3])('lets go of all connections of %d listeners when it stops', async (count) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const feed = listening(...['apples', 'pears', 'plums'].slice(0, count));
    await until(() => connected === count);

    await feed.onApplicationShutdown();

    await until((open) => open === 0);
  });

  it('lets go of a connection that it was still opening when it stopped', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const feed = listening('apples');

    await feed.onApplicationShutdown();

    await until((open) => connected === 1 && open === 0);
  });
});

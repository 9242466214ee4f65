import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { createTestDatabase, type TestDatabase } from '@envarium/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isConnectionFailure, isTextRefused, isUniqueViolation } from './database-error.js';
import { Prisma } from './generated/client.js';
import { DatabaseModule, PrismaService } from './prisma.service.js';

@Injectable()
class Feature {
  constructor(readonly prisma: PrismaService) {}
}

@Module({ providers: [Feature], exports: [Feature] })
class FeatureModule {}

let database: TestDatabase;
let prisma: PrismaService;

beforeAll(async () => {
  database = await createTestDatabase();
  prisma = new PrismaService({ url: database.url, poolSize: 2 });
  await prisma.onModuleInit();
});

afterAll(async () => {
  await prisma.onApplicationShutdown();
  await database.drop();
});

const thrownBy = (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );

describe('database/prisma.service', () => {
  it('is injected everywhere, and connects and disconnects with the application', async () => {
    const app = await Test.createTestingModule({
      imports: [DatabaseModule.forRoot({ url: database.url, poolSize: 2 }), FeatureModule],
    }).compile();
    await app.init();

    expect(await app.get(Feature).prisma.account.count()).toBe(0);
    await app.close();

    // A server process ends a moment after its client.
    const sessions = async (): Promise<unknown> =>
      await prisma.$queryRaw`SELECT count(*)::int AS n FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'envarium'`;
    await expect.poll(sessions).toEqual([{ n: 0 }]);
  });

  it('holds no more connections than its pool', async () => {
    await Promise.all([1, 2, 3, 4, 5].map(() => prisma.$queryRaw`SELECT 1 FROM pg_sleep(0.05)`));

    const sessions = await prisma.$queryRaw`SELECT count(*)::int AS n FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'envarium'`;
    expect(sessions).toEqual([{ n: 2 }]);
  });

  it('waits for a connection as long with a transaction as with a query', async () => {
    const busy = Promise.all([1, 2].map(() => prisma.$queryRaw`SELECT 1 FROM pg_sleep(2.5)`));

    expect(await prisma.$transaction(async (tx) => await tx.account.count())).toBe(0);
    await busy;
  });

  it('runs a statement past the client, on the same connections and with the same types', async () => {
    const at = new Date('2026-01-31T12:00:00.123Z');

    const { rows, count } = await prisma.statement(Prisma.sql`
      SELECT 9007199254740993::int8 AS big, ${2n}::int8 AS given, ${at}::timestamptz AS at, ${['a', 'b']}::text[] AS list`);

    expect({ rows, count }).toEqual({
      rows: [{ big: 9_007_199_254_740_993n, given: 2n, at, list: ['a', 'b'] }],
      count: 1,
    });
    const changed = await prisma.statement(Prisma.sql`UPDATE account SET name = name WHERE name = ${'nobody'}`);
    expect(changed.count).toBe(0);
  });

  it('knows the failures of such a statement', async () => {
    const thrown = await thrownBy(prisma.statement(Prisma.sql`SELECT ${'a\0b'}::text`));
    const away = new PrismaService({ url: 'postgresql://nobody:none@127.0.0.1:1/none', poolSize: 1 });
    const unreachable = await thrownBy(away.statement(Prisma.sql`SELECT 1`));
    await away.onApplicationShutdown();

    expect(isTextRefused(thrown)).toBe(true);
    expect(isConnectionFailure(unreachable)).toBe(true);
  });

  it('refuses to start with a wrong password, and does not repeat it', async () => {
    const url = new URL(database.url);
    url.username = 'nobody-we-know';
    url.password = 'not-the-password';
    const service = new PrismaService({ url: url.href, poolSize: 2 });

    const error = await thrownBy(service.onModuleInit());

    expect(error).toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      detail: {
        host: url.hostname,
        user: 'nobody-we-know',
        code: '28P01',
        reason: 'password authentication failed for user "nobody-we-know"',
      },
    });
    expect(JSON.stringify(error)).not.toContain('not-the-password');
  });

  it('refuses to start without a server', async () => {
    const service = new PrismaService({ url: 'postgresql://someone:secret@127.0.0.1:1/archive', poolSize: 2 });

    await expect(service.onModuleInit()).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      detail: { host: '127.0.0.1', port: '1', database: 'archive', user: 'someone' },
    });
  });
});

describe('database/database-error', () => {
  it('recognises a unique violation, by constraint', async () => {
    await prisma.account.create({ data: { name: 'ada' } });

    const error = await thrownBy(prisma.account.create({ data: { name: 'ada' } }));

    expect(isUniqueViolation(error)).toBe(true);
    expect(isUniqueViolation(error, 'account_name_key')).toBe(true);
    expect(isUniqueViolation(error, 'account_pkey')).toBe(false);
    expect(isConnectionFailure(error)).toBe(false);
  });

  it('recognises a unique violation of raw SQL and of pg itself', async () => {
    const insert = `INSERT INTO account (name) VALUES ('grace'), ('grace')`;
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();

    const raw = await thrownBy(prisma.$executeRawUnsafe(insert));
    const plain = await thrownBy(client.query(insert));
    await client.end();

    expect(isUniqueViolation(raw, 'account_name_key')).toBe(true);
    expect(isUniqueViolation(plain, 'account_name_key')).toBe(true);
  });

  it('recognises a text that holds a NUL character', async () => {
    const found = await thrownBy(prisma.account.findUnique({ where: { name: 'a\0' } }));
    const json = await thrownBy(prisma.$queryRaw`SELECT ${'{"a":"\\u0000"}'}::jsonb`);

    expect([isTextRefused(found), isTextRefused(json)]).toEqual([true, true]);
    expect(isTextRefused(new Error('22021'))).toBe(false);
  });

  it('takes no other failure for a unique violation', async () => {
    const missing = await thrownBy(prisma.account.update({ where: { id: 10_000n }, data: { name: 'x' } }));
    const syntax = await thrownBy(prisma.$executeRawUnsafe('SELEC 1'));

    for (const error of [missing, syntax, new Error('23505'), null, 'text']) {
      expect(isUniqueViolation(error)).toBe(false);
      expect(isConnectionFailure(error)).toBe(false);
    }
  });

  it('recognises a connection that was cut, and the pool recovers', async () => {
    const cut = await thrownBy(prisma.$queryRaw`SELECT pg_terminate_backend(pg_backend_pid())`);

    expect(isConnectionFailure(cut)).toBe(true);
    expect(await prisma.$queryRaw`SELECT 1 AS one`).toEqual([{ one: 1 }]);
  });

  it('recognises a server that is not there, in a transaction and in raw SQL as well', async () => {
    const service = new PrismaService({ url: 'postgresql://someone:secret@127.0.0.1:1/archive', poolSize: 2 });

    expect(isConnectionFailure(await thrownBy(service.account.count()))).toBe(true);
    expect(isConnectionFailure(await thrownBy(service.$queryRaw`SELECT 1`))).toBe(true);
    expect(isConnectionFailure(await thrownBy(service.$transaction((tx) => tx.account.count())))).toBe(true);
  });
});

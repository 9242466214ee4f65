import { PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import { createTestDatabase, type TestDatabase } from '@envarium/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { IdempotencyService } from './idempotency.service.js';
import { ANONYMOUS, type Principal } from './principal.js';

const Body = z.object({ n: z.number() });
const parse = (value: unknown): z.infer<typeof Body> => Body.parse(value);

describe('access/idempotency.service', () => {
  let database: TestDatabase;
  let prisma: PrismaService;
  let idempotency: IdempotencyService;
  let ada: Principal;
  let worked = 0;

  beforeAll(async () => {
    database = await createTestDatabase();
    prisma = new PrismaService({ url: database.url, poolSize: 5 });
    idempotency = new IdempotencyService(prisma);
    const { id } = await prisma.account.create({ data: { name: 'ada' } });
    ada = { kind: 'account', accountId: id, name: 'ada', isAdmin: false };
  });

  beforeEach(async () => {
    await prisma.idempotentRequest.deleteMany();
    worked = 0;
  });

  afterAll(async () => {
    await prisma.$disconnect();
    await database.drop();
  });

  const work = async (): Promise<{ status: number; body: { n: number } }> => ({ status: 201, body: { n: ++worked } });
  const once = (key: string | null, request: unknown, principal = ada) =>
    idempotency.once(principal, key, request, parse, work);

  it('works once, whatever the order of the members', async () => {
    expect(await once('k', { a: 1, b: 2 })).toEqual({ status: 201, body: { n: 1 } });
    expect(await once('k', { b: 2, a: 1 })).toEqual({ status: 201, body: { n: 1 } });
  });

  it('works each time without a key, and for nobody', async () => {
    await once(null, {});
    await once(null, {});
    await once('k', {}, ANONYMOUS);
    await once('k', {}, ANONYMOUS);

    expect(worked).toBe(4);
    expect(await prisma.idempotentRequest.count()).toBe(0);
  });

  it('refuses another request under the key', async () => {
    await once('k', { a: 1 });

    await expect(once('k', { a: 2 })).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
  });

  it('refuses the same request while it runs', async () => {
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const running = idempotency.once(ada, 'k', {}, parse, async () => {
      await finished;
      return { status: 200, body: { n: 7 } };
    });
    await expect.poll(() => prisma.idempotentRequest.count()).toBe(1);

    await expect(once('k', {})).rejects.toMatchObject({ code: 'IDEMPOTENCY_BUSY', isTemporary: true });
    finish();

    expect(await running).toEqual({ status: 200, body: { n: 7 } });
    expect(await once('k', {})).toEqual({ status: 200, body: { n: 7 } });
  });

  it('forgets the key when the work fails, and passes the failure on', async () => {
    const failure = new ArchiveError('DEPOSIT_INVALID');

    await expect(idempotency.once(ada, 'k', {}, parse, async () => await Promise.reject(failure))).rejects.toBe(
      failure,
    );

    expect(await once('k', {})).toEqual({ status: 201, body: { n: 1 } });
  });

  it('never gives out a remembered answer of another shape', async () => {
    await once('k', {});
    await prisma.idempotentRequest.updateMany({ data: { response: { secret: 'x' } } });

    await expect(once('k', {})).rejects.toBeInstanceOf(z.ZodError);
  });

  it('forgets keys after a day', async () => {
    await once('old', {});
    await prisma.idempotentRequest.updateMany({ data: { createdAt: new Date(Date.now() - 25 * 3_600_000) } });
    await once('new', {});

    expect(await idempotency.expire()).toBe(1);
    expect(await prisma.idempotentRequest.findMany({ select: { key: true } })).toEqual([{ key: 'new' }]);
  });
});

import { PrismaService } from '@envarium/database';
import { createTestDatabase, type TestDatabase } from '@envarium/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AccountsService } from './accounts.service.js';
import { AuthenticationService } from './authentication.service.js';

const GIVEN = 'env_the-token-of-the-operator';

describe('access/accounts.service', () => {
  let database: TestDatabase;
  let prisma: PrismaService;
  let accounts: AccountsService;
  let authentication: AuthenticationService;

  beforeEach(async () => {
    database = await createTestDatabase();
    prisma = new PrismaService({ url: database.url, poolSize: 4 });
    accounts = new AccountsService(prisma);
    authentication = new AuthenticationService(prisma, 'a-secret-of-at-least-32-characters');
  });

  afterEach(async () => {
    await prisma.$disconnect();
    await database.drop();
  });

  const nameOf = async (token: string): Promise<string> => {
    const principal = await authentication.principalOf(`Bearer ${token}`).catch(() => null);
    return principal?.kind === 'account' ? principal.name : 'nobody';
  };

  it('shows the token of the first administrator once', async () => {
    const token = await accounts.bootstrapAdmin(null);

    expect(token).toMatch(/^env_[\w-]{43}$/);
    expect(await nameOf(token ?? '')).toBe('admin');
    expect(await accounts.bootstrapAdmin(null)).toBeNull();
  });

  it('makes a new token when the only one was revoked, or nobody could come in again', async () => {
    await accounts.bootstrapAdmin(null);
    await prisma.accessToken.updateMany({ data: { revokedAt: new Date() } });

    expect(await accounts.bootstrapAdmin(null)).toMatch(/^env_/);
  });

  it('takes the token of the operator, does not show it, and keeps it over restarts', async () => {
    expect(await accounts.bootstrapAdmin(GIVEN)).toBeNull();
    expect(await accounts.bootstrapAdmin(GIVEN)).toBeNull();

    expect(await nameOf(GIVEN)).toBe('admin');
    expect(await prisma.accessToken.count()).toBe(1);
  });

  it('revokes the operator token before when another is given, and only that one', async () => {
    const first = await accounts.bootstrapAdmin(null);
    await accounts.bootstrapAdmin(GIVEN);

    await accounts.bootstrapAdmin('env_another-token-of-the-operator');

    expect(await nameOf(GIVEN)).toBe('nobody');
    expect(await nameOf('env_another-token-of-the-operator')).toBe('admin');
    expect(await nameOf(first ?? '')).toBe('admin');
  });

  it('makes one administrator when three servers start at once', async () => {
    await Promise.all([1, 2, 3].map(() => accounts.bootstrapAdmin(GIVEN)));

    expect(await prisma.account.findMany({ select: { name: true, isAdmin: true } })).toEqual([
      { name: 'admin', isAdmin: true },
    ]);
    expect(await nameOf(GIVEN)).toBe('admin');
  });
});

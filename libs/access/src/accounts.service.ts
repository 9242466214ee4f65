import { Injectable } from '@nestjs/common';
import { isUniqueViolation, type Prisma, PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import { requireAdmin } from './namespaces.service.js';
import type { Principal } from './principal.js';
import { hashSecret, newSecret } from './secrets.js';

export interface CreatedToken {
  readonly id: string;
  readonly name: string;
  /** Shown once; only its hash is kept. */
  readonly secret: string;
  readonly expiresAt: Date | null;
}

export interface ListedToken {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
}

const ADMIN = 'admin';

/** Accounts and their access tokens. */
@Injectable()
export class AccountsService {
  constructor(private readonly prisma: PrismaService) {}

  /**
   * Makes sure that an administrator exists.
   * @param given the operator's own token: it is made valid, and an earlier operator's token is revoked
   * @returns a new token when the account was made just now and none was given; show it once
   */
  async bootstrapAdmin(given: string | null): Promise<string | null> {
    return await this.prisma.$transaction(async (tx) => {
      // Several servers may start at once on a new database; the lock is held until the transaction ends.
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('bootstrap-admin', 0))`;
      const account = await tx.account.upsert({
        where: { name: ADMIN },
        create: { name: ADMIN, isAdmin: true },
        update: {},
        include: { tokens: { where: { revokedAt: null }, take: 1 } },
      });
      if (given !== null) {
        await adoptOperatorToken(tx, account.id, given);
        return null;
      }
      if (account.tokens.length > 0) return null;
      const secret = newSecret();
      await tx.accessToken.create({
        data: { accountId: account.id, name: 'first token', secretHash: hashSecret(secret) },
      });
      return secret;
    });
  }

  async create(principal: Principal, name: string): Promise<{ name: string }> {
    requireAdmin(principal);
    try {
      await this.prisma.account.create({ data: { name } });
    } catch (error) {
      if (isUniqueViolation(error)) throw new ArchiveError('ACCOUNT_EXISTS', { account: name }, { cause: error });
      throw error;
    }
    return { name };
  }

  /** A new token for oneself, or, for administrators, for any account. */
  async createToken(
    principal: Principal,
    token: { name: string; expiresAt: Date | null; account?: string | undefined },
  ): Promise<CreatedToken> {
    if (principal.kind === 'anonymous') throw new ArchiveError('UNAUTHORIZED');
    if (token.account !== undefined && token.account !== principal.name) requireAdmin(principal);
    const account = await this.prisma.account.findUnique({ where: { name: token.account ?? principal.name } });
    if (account === null) throw new ArchiveError('ACCOUNT_UNKNOWN', { account: token.account });
    const secret = newSecret();
    const row = await this.prisma.accessToken.create({
      data: { accountId: account.id, name: token.name, secretHash: hashSecret(secret), expiresAt: token.expiresAt },
    });
    return { id: row.id.toString(), name: row.name, secret, expiresAt: row.expiresAt };
  }

  async listTokens(principal: Principal): Promise<ListedToken[]> {
    if (principal.kind === 'anonymous') throw new ArchiveError('UNAUTHORIZED');
    const rows = await this.prisma.accessToken.findMany({
      where: { accountId: principal.accountId },
      orderBy: { id: 'desc' },
      take: 1000,
    });
    return rows.map(({ id, name, createdAt, expiresAt, revokedAt }) => ({
      id: id.toString(),
      name,
      createdAt,
      expiresAt,
      revokedAt,
    }));
  }

  /** Revokes one of one's own tokens; again is no error. */
  async revokeToken(principal: Principal, id: bigint): Promise<void> {
    if (principal.kind === 'anonymous') throw new ArchiveError('UNAUTHORIZED');
    const own = { id, ...(!principal.isAdmin && { accountId: principal.accountId }) };
    if ((await this.prisma.accessToken.count({ where: own })) === 0)
      throw new ArchiveError('NOT_FOUND', { token: id.toString() });
    await this.prisma.accessToken.updateMany({ where: { ...own, revokedAt: null }, data: { revokedAt: new Date() } });
  }
}

async function adoptOperatorToken(tx: Prisma.TransactionClient, accountId: bigint, given: string): Promise<void> {
  const name = 'operator token';
  const secretHash = hashSecret(given);
  await tx.accessToken.updateMany({
    where: { accountId, name, secretHash: { not: secretHash }, revokedAt: null },
    data: { revokedAt: new Date() },
  });
  await tx.accessToken.upsert({
    where: { secretHash },
    create: { accountId, name, secretHash },
    update: { revokedAt: null },
  });
}

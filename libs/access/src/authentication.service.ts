import { Inject, Injectable } from '@nestjs/common';
import { Prisma, PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import { ANONYMOUS, type Principal } from './principal.js';
import { isRegistryToken, readRegistryToken, type RegistryGrant, signRegistryToken } from './registry-token.js';
import { hashSecret } from './secrets.js';

/** Injection token of the key that signs registry tokens. */
export const SIGNING_SECRET = Symbol('SIGNING_SECRET');

/** A request's identity; `grants` is null unless it came with a registry token, which narrows what the account may do. */
export interface Identity {
  readonly principal: Principal;
  readonly grants: readonly RegistryGrant[] | null;
}

const NOBODY: Identity = { principal: ANONYMOUS, grants: null };

/** Turns an Authorization header into an identity. */
@Injectable()
export class AuthenticationService {
  constructor(
    private readonly prisma: PrismaService,
    @Inject(SIGNING_SECRET) private readonly signingSecret: string,
  ) {}

  /**
   * Takes `Bearer <access token>`, `Bearer <registry token>` and `Basic account:<access token>`.
   * @throws ArchiveError TOKEN_INVALID for anything that is given but does not hold
   */
  async identify(authorization: string | undefined): Promise<Identity> {
    if (authorization === undefined || authorization === '') return NOBODY;
    const [scheme = '', credentials = ''] = authorization.split(' ', 2);
    if (scheme.toLowerCase() === 'basic') return await this.identifyBasic(credentials);
    if (scheme.toLowerCase() !== 'bearer') throw new ArchiveError('TOKEN_INVALID', { scheme });
    if (isRegistryToken(credentials)) return await this.identifyRegistryToken(credentials);
    return { principal: await this.account(credentials, null), grants: null };
  }

  /**
   * The principal of a request outside the registry. A registry token is made for image transfers and opens nothing else.
   * @throws ArchiveError TOKEN_INVALID
   */
  async principalOf(authorization: string | undefined): Promise<Principal> {
    const { principal, grants } = await this.identify(authorization);
    if (grants !== null) throw new ArchiveError('TOKEN_INVALID', { kind: 'registry token' });
    return principal;
  }

  /** A short-lived token for registry clients. */
  issueRegistryToken(principal: Principal, access: RegistryGrant[]): string {
    const sub = principal.kind === 'account' ? principal.name : null;
    return signRegistryToken({ sub, access }, this.signingSecret, new Date());
  }

  private async identifyBasic(credentials: string): Promise<Identity> {
    const text = Buffer.from(credentials, 'base64').toString('utf8');
    // Some clients that have no credentials send empty ones.
    if (text === ':') return NOBODY;
    const colon = text.indexOf(':');
    // PostgreSQL has no NUL in text, so no account has one in its name.
    if (colon === -1 || text.includes('\0')) throw new ArchiveError('TOKEN_INVALID', { scheme: 'Basic' });
    return { principal: await this.account(text.slice(colon + 1), text.slice(0, colon)), grants: null };
  }

  private async identifyRegistryToken(token: string): Promise<Identity> {
    const claims = readRegistryToken(token, this.signingSecret, new Date());
    if (claims === null) throw new ArchiveError('TOKEN_INVALID', { kind: 'registry token' });
    if (claims.sub === null) return { principal: ANONYMOUS, grants: claims.access };
    const { rows } = await this.prisma.statement<AccountRow>(Prisma.sql`
      SELECT id, name, is_admin AS "isAdmin" FROM account WHERE name = ${claims.sub} AND disabled_at IS NULL`);
    const [account] = rows;
    if (account === undefined) throw new ArchiveError('TOKEN_INVALID', { kind: 'registry token' });
    return { principal: principalOf(account), grants: claims.access };
  }

  private async account(secret: string, name: string | null): Promise<Principal> {
    // SQL, since every request asks for it.
    const { rows } = await this.prisma.statement<AccountRow>(Prisma.sql`
      SELECT a.id, a.name, a.is_admin AS "isAdmin" FROM access_token t JOIN account a ON a.id = t.account_id
      WHERE t.secret_hash = ${hashSecret(secret)} AND t.revoked_at IS NULL
        AND (t.expires_at IS NULL OR t.expires_at > ${new Date()}) AND a.disabled_at IS NULL
        AND (${name}::text IS NULL OR a.name = ${name})`);
    const [account] = rows;
    if (account === undefined) throw new ArchiveError('TOKEN_INVALID');
    return principalOf(account);
  }
}

interface AccountRow {
  readonly id: bigint;
  readonly name: string;
  readonly isAdmin: boolean;
}

function principalOf({ id, name, isAdmin }: AccountRow): Principal {
  return { kind: 'account', accountId: id, name, isAdmin };
}

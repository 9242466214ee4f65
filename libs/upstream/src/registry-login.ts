import { ArchiveError } from '@envarium/errors';
import type { Outbound } from '@envarium/outbound';
import { z } from 'zod';
import { type Challenge, parseChallenges } from './challenge.js';
import { type IssuedToken, TokenCache } from './token-cache.js';
import { refusedStatus } from './upstream-failure.js';
import type { UpstreamCredentials } from './upstream-registry.js';

/** https://distribution.github.io/distribution/spec/auth/token/#token-response-fields; some say only `access_token` */
const TokenAnswer = z
  .object({
    token: z.string().optional(),
    access_token: z.string().optional(),
    expires_in: z.number().positive().max(31_536_000).optional().catch(undefined),
  })
  .transform(({ token, access_token, expires_in }) => ({
    token: token ?? access_token ?? '',
    expiresIn: expires_in ?? 60,
  }));
/** What can stand in a header. */
const SENDABLE = /^[\x21-\x7e]{1,65536}$/;
const TOKEN_ANSWER_LIMIT = 1024 * 1024;

interface BearerChallenge {
  readonly realm: URL;
  readonly service: string;
  readonly scope: string;
}

/** Finds out what a registry wants to see in `Authorization`, and keeps it at hand. */
export class RegistryLogin {
  private readonly tokens = new TokenCache();
  private method: 'none' | 'basic' | BearerChallenge = 'none';

  constructor(
    private readonly outbound: Outbound,
    private readonly credentials: UpstreamCredentials | null,
    private readonly defaultScope: string,
  ) {}

  /** For the next request; null: nothing was asked for so far. */
  async authorization(signal: AbortSignal, stale: string | null = null): Promise<string | null> {
    if (this.method === 'none') return null;
    if (this.method === 'basic') return this.basic();
    const { realm, service, scope } = this.method;
    const key = { realm: realm.href, service, scope };
    const issue = async () => await this.issue(realm, service, scope, signal);
    return `Bearer ${await this.tokens.get(key, issue, stale?.replace(/^Bearer /, '') ?? null)}`;
  }

  /**
   * After a 401.
   * @param stale the `Authorization` that was refused
   * @returns another one to try; null when there is none
   */
  async challenged(header: string, base: URL, stale: string | null, signal: AbortSignal): Promise<string | null> {
    const challenges = parseChallenges(header);
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    const basic = challenges.some(({ scheme }) => scheme === 'basic');
    if (bearer !== undefined) this.method = this.bearerChallenge(bearer, base);
    else if (basic && this.credentials !== null) this.method = 'basic';
    else return null;
    const next = await this.authorization(signal, stale);
    return next === stale ? null : next;
  }

  private bearerChallenge({ parameters }: Challenge, base: URL): BearerChallenge {
    const text = parameters.get('realm') ?? '';
    const realm = text !== '' && URL.canParse(text, base) ? new URL(text, base) : null;
    if (realm === null) throw new ArchiveError('UPSTREAM_INVALID', { host: base.host, reason: 'realm-malformed' });
    if (base.protocol === 'https:' && realm.protocol === 'http:' && !this.outbound.isAllowed(realm)) {
      throw new ArchiveError('OUTBOUND_REFUSED', { host: realm.hostname, reason: 'downgrade-to-http' });
    }
    return {
      realm,
      service: (parameters.get('service') ?? '').slice(0, 500),
      scope: (parameters.get('scope') ?? this.defaultScope).slice(0, 2000),
    };
  }

  private async issue(realm: URL, service: string, scope: string, signal: AbortSignal): Promise<IssuedToken> {
    const url = new URL(realm);
    // The realm may have a query of its own.
    if (service !== '') url.searchParams.append('service', service);
    url.searchParams.append('scope', scope);
    const basic = this.basic();
    if (this.credentials !== null) url.searchParams.append('account', this.credentials.username);
    const headers = { accept: 'application/json', ...(basic !== null && { authorization: basic }) };
    const response = await this.outbound.send({ url, headers, signal });
    if (response.status !== 200) {
      response.discard();
      throw refusedStatus(response, { what: 'token' });
    }
    const answer = TokenAnswer.safeParse(parseJson(await this.outbound.read(response, TOKEN_ANSWER_LIMIT)));
    if (answer.success && SENDABLE.test(answer.data.token)) return answer.data;
    throw new ArchiveError('UPSTREAM_INVALID', { host: url.host, reason: 'token-malformed' });
  }

  private basic(): string | null {
    if (this.credentials === null) return null;
    const { username, password } = this.credentials;
    return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
  }
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}

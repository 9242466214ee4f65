export interface IssuedToken {
  readonly token: string;
  /** Seconds from now. */
  readonly expiresIn: number;
}

/** What a token is good for. */
export interface TokenKey {
  readonly realm: string;
  readonly service: string;
  readonly scope: string;
}

/** Part of its life after which a token is exchanged: one that is still good when it is sent may not be on arrival. */
const REFRESH_AT = 0.8;
const CAPACITY = 64;

/** Tokens of one account at one registry. Several requests that need the same one wait for one answer. */
export class TokenCache {
  private readonly entries = new Map<string, { readonly issued: Promise<IssuedToken>; refreshAt: number }>();

  constructor(private readonly now: () => number = Date.now) {}

  /** @param stale a token that was refused, whatever its life was said to be */
  async get(key: TokenKey, issue: () => Promise<IssuedToken>, stale: string | null = null): Promise<string> {
    const id = JSON.stringify([key.realm, key.service, key.scope]);
    const known = this.entries.get(id);
    if (known !== undefined && this.now() < known.refreshAt) {
      const { token } = await known.issued;
      if (token !== stale) return token;
    }
    // Somebody else may have exchanged it while we waited.
    const current = this.entries.get(id);
    if (current !== undefined && current !== known && this.now() < current.refreshAt)
      return (await current.issued).token;
    return await this.renew(id, issue);
  }

  private async renew(id: string, issue: () => Promise<IssuedToken>): Promise<string> {
    const asked = this.now();
    const entry = { issued: issue(), refreshAt: Number.POSITIVE_INFINITY };
    if (this.entries.size >= CAPACITY) this.entries.clear();
    this.entries.set(id, entry);
    try {
      const { token, expiresIn } = await entry.issued;
      entry.refreshAt = asked + expiresIn * 1000 * REFRESH_AT;
      return token;
    } catch (error) {
      if (this.entries.get(id) === entry) this.entries.delete(id);
      throw error;
    }
  }
}

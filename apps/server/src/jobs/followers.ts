import { actorName, type Principal } from '@envarium/access';
import { ArchiveError } from '@envarium/errors';
import type { OnModuleDestroy } from '@nestjs/common';

/** Connections of this process that stay open, for everybody together, for the anonymous together, and for one account. */
const LIMITS = { everybody: 500, anonymous: 100, account: 20 };

/**
 * Counts who follows jobs: each of them costs a connection and a look at the database at every change. When the server
 * stops they go, for it waits for open answers.
 */
export class Followers implements OnModuleDestroy {
  private readonly stopping = new AbortController();
  private readonly open = new Map<string, number>();
  private total = 0;

  constructor(private readonly limits = LIMITS) {}

  get stopped(): AbortSignal {
    return this.stopping.signal;
  }

  onModuleDestroy(): void {
    this.stopping.abort();
  }

  /** @returns what ends it; to be called once @throws ArchiveError TOOMANYREQUESTS */
  enter(principal: Principal): () => void {
    // A name may be "anonymous"; no name has a blank.
    const key = principal.kind === 'anonymous' ? ' ' : actorName(principal);
    const open = this.open.get(key) ?? 0;
    const limit = principal.kind === 'anonymous' ? this.limits.anonymous : this.limits.account;
    if (open >= limit || this.total >= this.limits.everybody) {
      throw new ArchiveError('TOOMANYREQUESTS', { open, limit, what: 'followed jobs' });
    }
    this.open.set(key, open + 1);
    this.total += 1;
    return () => this.leave(key);
  }

  private leave(key: string): void {
    const left = (this.open.get(key) ?? 1) - 1;
    if (left === 0) this.open.delete(key);
    else this.open.set(key, left);
    this.total -= 1;
  }
}

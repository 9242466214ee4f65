import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { PrismaService } from '@envarium/database';
import { JournalService } from '@envarium/journal';
import { type Finding, nextStanding } from './pointer-finding.js';
import { type Pointer, PointerProbe } from './pointer-probe.js';

export interface WatchBudget {
  /** Pointers to look at, at most. */
  readonly pointers: number;
  /** After so long nothing new is begun. */
  readonly milliseconds: number;
  /** Between two requests to one host. */
  readonly intervalMs: number;
  /** A pointer that is as it should be is looked at this often. */
  readonly periodDays: number;
  /** All bytes of a package are read, and their digest compared, at most this often. */
  readonly wholeDays: number;
}

interface DuePointer extends Pointer {
  readonly id: bigint;
  readonly state: 'unchecked' | 'ok' | 'changed' | 'dead';
  readonly detail: string | null;
  readonly failures: number;
  readonly lastCheckedAt: Date | null;
  readonly repository: string;
  readonly version: number;
}

const ACTOR = 'decay-watch';
const DAY_MS = 24 * 3_600_000;
const HOUR_MS = 3_600_000;
/** A process that dies with pointers in its hands gives them back by this. */
const LEASE_MS = HOUR_MS;
const ASK_MS = 60_000;
const ASK_WHOLE_MS = 10 * 60_000;
/** A host that did not answer so often in a row is left alone for now. */
const PATIENCE = 2;
const EVENTS = { dead: 'pointer-lost', changed: 'pointer-changed', ok: 'pointer-restored' } as const;

/** Does what published versions came from still answer? Asks politely, and tells when a source is lost or has changed. */
@Injectable()
export class DecayWatchService implements OnApplicationShutdown {
  private readonly stopping = new AbortController();

  constructor(
    private readonly prisma: PrismaService,
    private readonly journal: JournalService,
    private readonly probe: PointerProbe,
  ) {}

  /** Looks at what is due, one request at a time. Safe to run in several processes. @returns how many were looked at */
  async check(budget: WatchBudget): Promise<number> {
    const until = Date.now() + budget.milliseconds;
    const byHost = groupBy(await this.claim(budget.pointers), (pointer) => this.probe.hostOf(pointer) ?? '');
    let count = 0;
    for (const [host, pointers] of byHost) count += await this.checkHost(host, pointers, budget, until);
    return count;
  }

  onApplicationShutdown(): void {
    this.stopping.abort(new Error('the service stops'));
  }

  /** Takes pointers that are due, so that no other process does. */
  private async claim(limit: number): Promise<DuePointer[]> {
    const now = new Date();
    return await this.prisma.$queryRaw<DuePointer[]>`
      UPDATE upstream_pointer AS pointer
      SET next_check_at = ${new Date(now.getTime() + LEASE_MS)}
      FROM record_version version, archive_record record, repository
      WHERE version.id = pointer.version_id AND record.id = version.record_id AND repository.id = record.repository_id
        AND pointer.id IN (
          SELECT due.id FROM upstream_pointer due JOIN record_version v ON v.id = due.version_id
          WHERE due.next_check_at <= ${now} AND v.state = 'published'
          ORDER BY due.next_check_at LIMIT ${limit} FOR UPDATE OF due SKIP LOCKED)
      RETURNING pointer.id, pointer.kind::text, pointer.reference, pointer.digest, pointer.size, pointer.state::text,
        pointer.detail, pointer.failures, pointer.last_checked_at AS "lastCheckedAt", repository.name AS repository,
        version.number AS version`;
  }

  /**
   * The pointers of one host. A lock in the database makes all processes of this installation together one visitor. It is
   * held by a transaction that does nothing else, so that it goes when the process does.
   */
  private async checkHost(
    host: string,
    pointers: readonly DuePointer[],
    budget: WatchBudget,
    until: number,
  ): Promise<number> {
    const left = Math.max(until - Date.now(), 0);
    return await this.prisma.$transaction(
      async (tx) => {
        const [lock] = await tx.$queryRaw<{ isMine: boolean }[]>`
          SELECT pg_try_advisory_xact_lock(hashtextextended(${`decay:${host}`}, 0)) AS "isMine"`;
        if (lock?.isMine === true) return await this.visit(pointers, budget, until);
        await this.postpone(pointers, budget.milliseconds);
        return 0;
      },
      { timeout: left + 2 * ASK_WHOLE_MS },
    );
  }

  private async visit(pointers: readonly DuePointer[], budget: WatchBudget, until: number): Promise<number> {
    // Versions share their sources: what several of them point to is asked for once.
    const questions = [
      ...groupBy(pointers, ({ kind, reference, digest }) => `${kind} ${reference} ${digest}`).values(),
    ];
    let unanswered = 0;
    for (const [index, same] of questions.entries()) {
      const rest = questions.slice(index).flat();
      if (Date.now() >= until || this.stopping.signal.aborted) {
        await this.postpone(rest, 0);
        return pointers.length - rest.length;
      }
      const finding = await this.ask(same[0], budget);
      if (finding === null) continue;
      for (const pointer of same) await this.write(pointer, finding, budget);
      // Held for the pause, too: the next visitor may be another process.
      await this.pause(budget.intervalMs);
      unanswered = finding.kind === 'unanswered' ? unanswered + 1 : 0;
      const asked = finding.kind === 'unanswered' ? finding.retryAfterSeconds : null;
      if (asked === null && unanswered < PATIENCE) continue;
      const untouched = questions.slice(index + 1).flat();
      await this.postpone(untouched, asked === null ? HOUR_MS : asked * 1000);
      return pointers.length - untouched.length;
    }
    return pointers.length;
  }

  /** Null: we stop, and know nothing. */
  private async ask(pointer: DuePointer | undefined, budget: WatchBudget): Promise<Finding | null> {
    if (pointer === undefined) return null;
    const isWhole = pointer.kind === 'package' && isWholeDue(pointer, budget.wholeDays, Date.now());
    const clock = AbortSignal.timeout(isWhole ? ASK_WHOLE_MS : ASK_MS);
    try {
      return await this.probe.ask(pointer, isWhole, AbortSignal.any([clock, this.stopping.signal]));
    } catch (error) {
      if (clock.aborted) return { kind: 'unanswered', detail: 'took too long', retryAfterSeconds: null };
      if (this.stopping.signal.aborted) return null;
      throw error;
    }
  }

  private async write(pointer: DuePointer, finding: Finding, { periodDays }: WatchBudget): Promise<void> {
    const now = new Date();
    const { state, ...next } = nextStanding(pointer, finding, { now, periodDays, random: Math.random() });
    await this.journal.transaction(async (tx, record) => {
      const isNew = state !== pointer.state;
      const { count } = await tx.upstreamPointer.updateMany({
        where: { id: pointer.id, state: pointer.state },
        data: { ...next, state, lastCheckedAt: now, ...(isNew && { stateSince: now }) },
      });
      // The first time that a source is found as it should be is no news.
      if (count === 0 || !isNew || state === 'unchecked' || (state === 'ok' && pointer.state === 'unchecked')) return;
      const { kind, reference, digest } = pointer;
      await record({
        kind: EVENTS[state],
        actor: ACTOR,
        subject: `${pointer.repository}@v${pointer.version}`,
        detail: { kind, reference, digest, reason: next.detail },
        at: now,
      });
    });
  }

  private async postpone(pointers: readonly DuePointer[], milliseconds: number): Promise<void> {
    if (pointers.length === 0) return;
    await this.prisma.upstreamPointer.updateMany({
      where: { id: { in: pointers.map(({ id }) => id) } },
      data: { nextCheckAt: new Date(Date.now() + milliseconds) },
    });
  }

  private async pause(milliseconds: number): Promise<void> {
    await sleep(milliseconds, undefined, { signal: this.stopping.signal }).catch(() => {});
  }
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

/**
 * Once in each span of `wholeDays`, by the first check that falls into it; spans begin at another time for each pointer.
 * Never at the first check: the bytes have only just come from there.
 */
function isWholeDue({ id, lastCheckedAt }: DuePointer, wholeDays: number, now: number): boolean {
  if (lastCheckedAt === null) return false;
  const span = wholeDays * DAY_MS;
  const shift = (Number(id % 1000n) / 1000) * span;
  return Math.floor((now + shift) / span) !== Math.floor((lastCheckedAt.getTime() + shift) / span);
}

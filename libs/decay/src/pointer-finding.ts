/** What asking once gave. `gone` is the answer that there is nothing any more; `unanswered` says nothing about the bytes. */
export type Finding =
  | { readonly kind: 'ok' }
  | { readonly kind: 'changed'; readonly detail: string }
  | { readonly kind: 'gone'; readonly detail: string }
  /** `retryAfterSeconds`: the other side asked to be left alone for so long. */
  | { readonly kind: 'unanswered'; readonly detail: string; readonly retryAfterSeconds: number | null };

export interface PointerStanding {
  readonly state: 'unchecked' | 'ok' | 'changed' | 'dead';
  readonly detail: string | null;
  /** Checks in a row that ended like the last one, which was not right. */
  readonly failures: number;
}

export interface NextStanding extends PointerStanding {
  readonly nextCheckAt: Date;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** So many times in a row, a day and more apart: a site that is moved is gone for an afternoon. */
const GONE_LIMIT = 3;
const GONE = 'gone: ';
const MAX_DETAIL = 300;

/**
 * How a pointer stands after a finding. Only what says by itself that it is gone, time after time and with nothing else in
 * between, is dead; a server that is down, busy or in a bad mood is asked again, less and less often.
 * @param random 0 to 1: checks that began together must not stay together
 */
export function nextStanding(
  standing: PointerStanding,
  finding: Finding,
  { now, periodDays, random }: { readonly now: Date; readonly periodDays: number; readonly random: number },
): NextStanding {
  const period = periodDays * DAY_MS;
  const later = (milliseconds: number): Date => new Date(now.getTime() + milliseconds * (1 + random / 5));
  switch (finding.kind) {
    case 'ok':
      return { state: 'ok', detail: null, failures: 0, nextCheckAt: later(period) };
    case 'changed':
      return { state: 'changed', detail: finding.detail.slice(0, MAX_DETAIL), failures: 0, nextCheckAt: later(period) };
    case 'gone': {
      const failures = standing.detail?.startsWith(GONE) === true ? standing.failures + 1 : 1;
      const isDead = failures >= GONE_LIMIT || standing.state === 'dead';
      const detail = `${GONE}${finding.detail}`.slice(0, MAX_DETAIL);
      return {
        state: isDead ? 'dead' : standing.state,
        detail,
        failures,
        nextCheckAt: later(isDead ? period : DAY_MS),
      };
    }
    case 'unanswered': {
      const failures = standing.detail?.startsWith(GONE) === true ? 1 : standing.failures + 1;
      const asked = (finding.retryAfterSeconds ?? 0) * 1000;
      const wait = Math.min(HOUR_MS * 2 ** Math.min(failures, 12), period);
      const detail = `no answer: ${finding.detail}`.slice(0, MAX_DETAIL);
      return { state: standing.state, detail, failures, nextCheckAt: later(Math.max(asked, wait)) };
    }
  }
}

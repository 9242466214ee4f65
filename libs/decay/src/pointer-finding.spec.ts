import { describe, expect, it } from 'vitest';
import { type Finding, nextStanding, type PointerStanding } from './pointer-finding.js';

const NOW = new Date('2026-03-01T00:00:00Z');
const OK: PointerStanding = { state: 'ok', detail: null, failures: 0 };
const GONE: Finding = { kind: 'gone', detail: 'status 404' };
const BUSY: Finding = { kind: 'unanswered', detail: 'status 503', retryAfterSeconds: null };
const next = (standing: PointerStanding, finding: Finding, random = 0) =>
  nextStanding(standing, finding, { now: NOW, periodDays: 30, random });
const after = (findings: readonly Finding[]) => {
  let standing: PointerStanding = OK;
  return findings.map((finding) => (standing = next(standing, finding)).state);
};

describe('decay/pointer-finding', () => {
  it('comes back after the period, a little later for some than for others', () => {
    expect(next(OK, { kind: 'ok' })).toEqual({ ...OK, nextCheckAt: new Date('2026-03-31T00:00:00Z') });
    expect(next(OK, { kind: 'ok' }, 1).nextCheckAt).toEqual(new Date('2026-04-06T00:00:00Z'));
  });

  it('calls dead what was gone three times in a row, and asks every day meanwhile', () => {
    expect(after([GONE, GONE, GONE])).toEqual(['ok', 'ok', 'dead']);
    expect(next(OK, GONE).nextCheckAt).toEqual(new Date('2026-03-02T00:00:00Z'));
  });

  it('never calls dead what only does not answer, nor what comes and goes', () => {
    expect(after(Array.from({ length: 20 }, () => BUSY)).at(-1)).toBe('ok');
    expect(after([GONE, GONE, { kind: 'ok' }, GONE, GONE])).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
    expect(after([BUSY, BUSY, GONE, BUSY, GONE, GONE, BUSY])).not.toContain('dead');
  });

  it('takes back what it said when the same bytes are there again', () => {
    expect(after([GONE, GONE, GONE, { kind: 'ok' }])).toEqual(['ok', 'ok', 'dead', 'ok']);
    expect(after([{ kind: 'changed', detail: 'other bytes' }, BUSY, { kind: 'ok' }])).toEqual([
      'changed',
      'changed',
      'ok',
    ]);
  });

  it('waits longer after each time without an answer, and as long as it is asked to', () => {
    const hours = (standing: PointerStanding, finding: Finding): number =>
      (next(standing, finding).nextCheckAt.getTime() - NOW.getTime()) / 3_600_000;

    expect([0, 1, 2, 9, 50].map((failures) => hours({ ...OK, failures }, BUSY))).toEqual([2, 4, 8, 720, 720]);
    expect(hours(OK, { ...BUSY, retryAfterSeconds: 86_400 })).toBe(24);
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { askedToWait, isTemporary } from './upstream-failure.js';

export interface BackOff {
  /** Milliseconds before the second try; doubled before each further one. */
  readonly first: number;
  readonly tries: number;
  /** Longest wait in milliseconds, also when the other server asks for more: then it is given up. */
  readonly longest: number;
}

export const BACK_OFF: BackOff = { first: 500, tries: 5, longest: 60_000 };

/**
 * Waits before the next try.
 * @param tried how often it was tried so far
 * @throws the failure when it is not temporary, was tried often enough, or asks for more patience than we have
 */
export async function waitAfter(failure: unknown, tried: number, backOff: BackOff, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (!isTemporary(failure) || tried >= backOff.tries) throw failure;
  const asked = askedToWait(failure);
  if (asked !== null && asked * 1000 > backOff.longest) throw failure;
  const delay = asked === null ? jittered(backOff.first * 2 ** (tried - 1)) : asked * 1000;
  try {
    await sleep(Math.min(delay, backOff.longest), undefined, { signal });
  } catch (error) {
    // An aborted timer throws an error of its own.
    signal.throwIfAborted();
    throw error;
  }
}

export async function retrying<T>(work: () => Promise<T>, backOff: BackOff, signal: AbortSignal): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await work();
    } catch (error) {
      await waitAfter(error, tried, backOff, signal);
    }
  }
}

/** Half to whole: many clients that failed together must not come back together. */
function jittered(milliseconds: number): number {
  return milliseconds * (0.5 + Math.random() / 2);
}

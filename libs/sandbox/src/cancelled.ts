import type { RunOutcome } from './executor.js';

/**
 * What comes of `work`, or of being cancelled while it goes on: that is an outcome, whatever broke because of it. Only for
 * executors whose programs are not here, so that they cannot be watched to their end.
 */
export async function unlessCancelled<Outcome extends RunOutcome>(
  signal: AbortSignal,
  work: () => Promise<Outcome>,
): Promise<Outcome | RunOutcome> {
  const began = Date.now();
  try {
    return await work();
  } catch (error) {
    if (!signal.aborted) throw error;
    const usage = { wallMs: Date.now() - began, peakMemoryBytes: null, cpuMs: null };
    return { exitCode: null, endedBy: 'cancelled', usage, canary: null };
  }
}

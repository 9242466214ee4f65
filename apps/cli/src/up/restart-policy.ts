/** Decides whether a service that died is started again, and when. */
export interface RestartPolicy {
  /** @returns milliseconds to wait, or null to give up */
  nextDelay(now: number): number | null;
}

const WINDOW = 60_000;
const MAX_RESTARTS = 5;
const FIRST_DELAY = 250;

/** At most five restarts a minute, each after twice the pause of the one before. */
export function createRestartPolicy(): RestartPolicy {
  let restarts: number[] = [];
  return {
    nextDelay(now) {
      restarts = restarts.filter((time) => now - time < WINDOW);
      if (restarts.length >= MAX_RESTARTS) return null;
      const delay = FIRST_DELAY * 2 ** restarts.length;
      restarts.push(now);
      return delay;
    },
  };
}

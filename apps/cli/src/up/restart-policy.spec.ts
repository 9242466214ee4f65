import { describe, expect, it } from 'vitest';
import { createRestartPolicy } from './restart-policy.js';

describe('cli/up/restart-policy', () => {
  it('waits twice as long each time, and gives up after five restarts in a minute', () => {
    const policy = createRestartPolicy();

    const delays = [0, 1000, 2000, 3000, 4000, 5000].map((now) => policy.nextDelay(now));

    expect(delays).toEqual([250, 500, 1000, 2000, 4000, null]);
  });

  it('forgets restarts that were more than a minute ago', () => {
    const policy = createRestartPolicy();
    for (const now of [0, 1, 2, 3, 4]) policy.nextDelay(now);

    expect(policy.nextDelay(60_004)).toBe(250);
  });
});

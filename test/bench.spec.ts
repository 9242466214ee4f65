import { describe, expect, it } from 'vitest';
import { type Comparison, ratiosOf } from './bench/registry/comparison.js';
import { median, percentile, slope } from './bench/statistics.js';

describe('test/bench/statistics', () => {
  it('takes the middle, or the mean of the two in the middle', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 6])).toBe(5.5);
  });

  it('takes the smallest value that so many do not exceed', () => {
    const values = Array.from({ length: 100 }, (_, i) => 100 - i);

    expect(percentile(values, 0.5)).toBe(50);
    expect(percentile(values, 0.95)).toBe(95);
    expect(percentile([7], 0.95)).toBe(7);
  });

  it('finds the rise of a line under noise that cancels out', () => {
    const points = [0, 1, 2, 3].map((x) => ({ x, y: 10 + 2 * x + (x % 3 === 0 ? 1 : -1) }));

    expect(slope(points)).toBeCloseTo(2);
  });
});

describe('test/bench/registry/comparison', () => {
  const comparison: Comparison = {
    title: 'pull',
    unit: 'MB/s',
    bars: { 'docker-registry': 1.3 },
    aims: { 'distribution v3': 1 },
    stored: 0,
    prepare: async () => {},
    renew: async () => {},
    run: async () => 0,
  };
  const measured = (server: 'Envarium' | 'docker-registry' | 'distribution v3' | 'zot', median: number) => ({
    server,
    samples: [median],
    median,
    peakMemory: null,
  });

  it('tells a bar that is missed from an aim that is', () => {
    const ratios = ratiosOf(comparison, [
      measured('Envarium', 120),
      measured('docker-registry', 100),
      measured('distribution v3', 240),
      measured('zot', 60),
    ]);

    expect(ratios).toEqual([
      { to: 'docker-registry', ratio: 1.2, atLeast: 1.3, isBar: true, isMet: false },
      { to: 'distribution v3', ratio: 0.5, atLeast: 1, isBar: false, isMet: false },
      { to: 'zot', ratio: 2, atLeast: null, isBar: false, isMet: true },
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { parseCacheSize } from './cache-size.js';

describe('hardware/lscpu/cache-size', () => {
  it.each([
    ['192 KiB (4 instances)', 196_608, 4],
    ['12 MiB (1 instance)', 12_582_912, 1],
    ['480 MiB', 503_316_480, null],
    ['1.5 MiB (48 instances)', 1_572_864, 48],
    ['196608 (4 instances)', 196_608, 4],
  ])('reads %j', (text, sumBytes, instances) => {
    expect(parseCacheSize(text)).toEqual({ sumBytes, instances });
  });

  it('does not take the size of one instance for the sum', () => {
    expect(parseCacheSize('3072K')).toEqual({
      sumBytes: null,
      reason: 'size of one instance, their number is not reported',
    });
  });

  it.each(['', 'large', '4 MB', '-1', '1 KiB (many)'])('finds no size in %j', (text) => {
    expect(parseCacheSize(text)).toEqual({ sumBytes: null, reason: 'not a size' });
  });
});

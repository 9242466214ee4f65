import { describe, expect, it } from 'vitest';
import { count, readableSize } from './readable.js';

describe('server/pages/readable', () => {
  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [1023, '1,023 bytes'],
    [1024, '1.0 KiB'],
    [1536, '1.5 KiB'],
    [5_000_000_000, '4.7 GiB'],
    [2 ** 53 - 1, '8192.0 TiB'],
  ])('writes %i bytes as %s', (bytes, text) => {
    expect(readableSize(bytes)).toBe(text);
  });

  it('counts with the right noun', () => {
    expect([count(0, 'package'), count(1, 'package'), count(3001, 'package')]).toEqual([
      '0 packages',
      '1 package',
      '3,001 packages',
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { readableSize } from './readable-size.js';

describe('resolution/readable-size', () => {
  it.each([
    [0, '0 bytes'],
    [1023, '1023 bytes'],
    [1024, '1.0 KiB'],
    [1536, '1.5 KiB'],
    [55 * 1024 * 1024, '55.0 MiB'],
    [3 * 1024 ** 5, '3072.0 TiB'],
  ])('writes %d as %s', (bytes, text) => {
    expect(readableSize(bytes)).toBe(text);
  });
});

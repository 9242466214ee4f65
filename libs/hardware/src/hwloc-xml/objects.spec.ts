import { describe, expect, it } from 'vitest';
import { countBits } from './objects.js';

describe('hardware/hwloc-xml/objects', () => {
  it.each([
    ['0x0000000f', 4],
    ['0x000f000f,0xffffffff', 40],
    ['0x1,,0x0', 1],
    ['0x0', 0],
    ['0xf...f', null],
    ['0xf...f,0x1', null],
    ['15', null],
    ['', null],
  ])('counts the bits of %j', (bitmap, bits) => {
    expect(countBits(bitmap)).toBe(bits);
  });
});

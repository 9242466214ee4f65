import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseContentRange, parseRange } from './range-headers.js';

describe('oci/range-headers', () => {
  it.each([
    ['bytes=0-0', 10, { start: 0, end: 0 }],
    ['bytes=0-', 10, { start: 0, end: 9 }],
    ['bytes=-3', 10, { start: 7, end: 9 }],
    ['bytes=-30', 10, { start: 0, end: 9 }],
    ['bytes=8-30', 10, { start: 8, end: 9 }],
    ['BYTES=1-2', 10, { start: 1, end: 2 }],
    [undefined, 10, null],
    ['items=0-1', 10, null],
    ['bytes=0-1,3-4', 10, null],
    ['bytes=-', 10, null],
  ])('reads %s of %i bytes', (header, size, range) => {
    expect(parseRange(header, size)).toEqual(range);
  });

  it.each([
    ['bytes=10-', 10],
    ['bytes=5-4', 10],
    ['bytes=-0', 10],
    ['bytes=0-', 0],
    ['bytes=-5', 0],
  ])('refuses %s of %i bytes', (header, size) => {
    expect(() => parseRange(header, size)).toThrow('requested range is not satisfiable');
  });

  it('never selects a byte that is not there', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.option(fc.nat(2000)), fc.option(fc.nat(2000)), (size, first, last) => {
        try {
          const range = parseRange(`bytes=${first ?? ''}-${last ?? ''}`, size);
          if (range !== null) expect(range.start <= range.end && range.end < size).toBe(true);
        } catch (error) {
          expect(error).toHaveProperty('code', 'RANGE_INVALID');
        }
      }),
    );
  });

  it.each([
    ['0-511', { start: 0, length: 512 }],
    ['512-512', { start: 512, length: 1 }],
    [undefined, null],
  ])('reads the chunk %s', (header, chunk) => {
    expect(parseContentRange(header)).toEqual(chunk);
  });

  it.each(['', '5', '5-4', '-4', '0-', 'bytes 0-4', '0-4/9', '0-99999999999999999999'])(
    'refuses the chunk %j',
    (header) => {
      expect(() => parseContentRange(header)).toThrow('blob upload invalid');
    },
  );
});

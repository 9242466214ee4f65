import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseContentRange, parseRanges } from './range-headers.js';

describe('oci/range-headers', () => {
  it.each([
    ['bytes=0-0', 10, [[0, 0]]],
    ['bytes=0-', 10, [[0, 9]]],
    ['bytes=-3', 10, [[7, 9]]],
    ['bytes=-30', 10, [[0, 9]]],
    ['bytes=8-30', 10, [[8, 9]]],
    ['BYTES=1-2', 10, [[1, 2]]],
    ['bytes= 1-2 ', 10, [[1, 2]]],
  ])('reads %s of %i bytes', (header, size, ranges) => {
    expect(parseRanges(header, size)).toEqual(ranges.map(([start, end]) => ({ start, end })));
  });

  it.each([
    [
      'bytes=0-1,3-4',
      [
        [0, 1],
        [3, 4],
      ],
    ],
    [
      'bytes=3-4 , 0-1',
      [
        [3, 4],
        [0, 1],
      ],
    ],
    [
      'bytes=0-1,2-3',
      [
        [0, 1],
        [2, 3],
      ],
    ],
    [
      'bytes=0-2,1-3',
      [
        [0, 2],
        [1, 3],
      ],
    ],
    [
      'bytes=0-0,-1',
      [
        [0, 0],
        [9, 9],
      ],
    ],
    [
      'bytes=,0-0,,1-1,',
      [
        [0, 0],
        [1, 1],
      ],
    ],
    ['bytes=0-0,20-30,5-4', [[0, 0]]],
  ])('keeps the order and the number of the ranges %s, without those that are not there', (header, ranges) => {
    expect(parseRanges(header, 10)).toEqual(ranges.map(([start, end]) => ({ start, end })));
  });

  it.each([
    undefined,
    '',
    'items=0-1',
    'bytes=-',
    'bytes=',
    'bytes=,,',
    'bytes=0-1,x-2',
    'bytes=0-1,-',
    'bytes 0-1',
    'bytes=0-1-2',
  ])('gives the whole for %j', (header) => {
    expect(parseRanges(header, 10)).toBeNull();
  });

  it.each([
    ['bytes=10-', 10],
    ['bytes=5-4', 10],
    ['bytes=-0', 10],
    ['bytes=0-', 0],
    ['bytes=-5', 0],
    ['bytes=10-11,5-4,-0', 10],
  ])('refuses %s of %i bytes', (header, size) => {
    expect(() => parseRanges(header, size)).toThrow('requested range is not satisfiable');
  });

  const every = (step: number, count: number): number[] => Array.from({ length: count }, (_, index) => index * step);
  const set = (starts: readonly number[]): string => `bytes=${starts.map((start) => `${start}-${start}`).join(',')}`;

  it.each([
    ['64 ranges to and fro', set(every(2, 64).toReversed()), 64],
    ['1024 ranges in ascending order', set(every(2, 1024)), 1024],
    ['as many bytes as there are', 'bytes=0-4999,5000-9999', 2],
  ])('takes %s', (_, header, count) => {
    expect(parseRanges(header, 10_000)).toHaveLength(count);
  });

  it.each([
    ['65 ranges to and fro', set(every(2, 65).toReversed())],
    ['65 ranges that overlap', `${set(every(2, 64))},0-1`],
    ['1025 ranges', set(every(2, 1025))],
    ['more bytes than there are', 'bytes=0-,0-0'],
  ])('gives the whole instead of %s', (_, header) => {
    expect(parseRanges(header, 10_000)).toBeNull();
  });

  it('never selects a byte that is not there', () => {
    const specifier = fc
      .tuple(fc.option(fc.nat(2000)), fc.option(fc.nat(2000)))
      .map(([first, last]) => `${first ?? ''}-${last ?? ''}`);
    fc.assert(
      fc.property(fc.nat(1000), fc.array(specifier, { minLength: 1, maxLength: 5 }), (size, specifiers) => {
        try {
          const ranges = parseRanges(`bytes=${specifiers.join(',')}`, size) ?? [];
          expect(ranges.every(({ start, end }) => 0 <= start && start <= end && end < size)).toBe(true);
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

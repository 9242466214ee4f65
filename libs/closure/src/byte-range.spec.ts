import { describe, expect, it } from 'vitest';
import { cut, parseRange } from './byte-range.js';

describe('closure/byte-range', () => {
  it.each([
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=2-', { start: 2, end: 9 }],
    ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=-30', { start: 0, end: 9 }],
    ['bytes=5-99', { start: 5, end: 9 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=5-2', null],
    ['bytes=0-1,4-5', null],
    ['items=0-1', null],
    ['bytes=-', null],
    [undefined, null],
  ])('reads %s of ten bytes', (header, range) => {
    expect(parseRange(header, 10)).toEqual(range);
  });

  it('cuts across chunks', async () => {
    const chunks = async function* (): AsyncGenerator<Uint8Array> {
      for (const text of ['abc', 'def', 'ghi']) yield Buffer.from(text);
    };
    const parts: string[] = [];

    for await (const part of cut(chunks(), { start: 2, end: 6 })) parts.push(Buffer.from(part).toString());

    expect(parts).toEqual(['c', 'def', 'g']);
  });
});

import { ArchiveError } from '@envarium/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor, pageOf } from './cursor.js';

const encoded = (json: string) => Buffer.from(json).toString('base64url');

describe('database/cursor', () => {
  it('writes a sort key as base64url JSON', () => {
    expect(encodeCursor(['2026-11-22T10:00:00.000Z', 7n, 3])).toBe(
      'WyIyMDI2LTExLTIyVDEwOjAwOjAwLjAwMFoiLHsibiI6IjcifSwzXQ',
    );
  });

  it('keeps apart a bigint, a number and a string of digits', () => {
    const cursor = encodeCursor([9007199254740993n, 12, '12']);

    expect(decodeCursor(cursor, ['bigint', 'number', 'string'])).toEqual([9007199254740993n, 12, '12']);
  });

  it('gives back every sort key that it was given', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !text.includes('\0')),
      fc.integer(),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    );

    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), (values) => {
        const types = values.map((each) => typeof each as 'string' | 'number' | 'bigint');
        expect(decodeCursor(encodeCursor(values), types)).toEqual(values);
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['no base64url', '!!!'],
    ['no JSON', encoded('[1')],
    ['no array', encoded('{"n":"1"}')],
    ['fewer values than the query sorts by', encoded('[1]')],
    ['more values than the query sorts by', encoded('[1,2,3]')],
    ['a value of no type', encoded('[1,null]')],
    ['a value of another type than the query sorts by', encoded('[1,{"n":"2"}]')],
    ['a string of digits', encoded('[1,"2"]')],
    ['a nested value', encoded('[1,[2]]')],
    ['a character that the database cannot hold', encoded('["a\\u0000",1]')],
    ['an integer beyond 64 bits', encoded('[1,{"n":"9223372036854775808"}]')],
    ['another spelling of JSON', encoded('[1, 2]')],
    ['another spelling of base64url', `${encoded('[1,2]')}=`],
    ['bytes that are not UTF-8', Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x2c, 0x31, 0x5d]).toString('base64url')],
    ['more than 1024 characters', encoded(`["${'a'.repeat(1024)}",2]`)],
  ])('refuses %s', (_, cursor) => {
    expect(() => decodeCursor(cursor, ['number', 'number'])).toThrowError(
      expect.objectContaining({ name: 'ArchiveError', code: 'CURSOR_INVALID', status: 400 }),
    );
  });

  it('never fails in another way, whatever it is given', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json().map(encoded)), (text) => {
        try {
          decodeCursor(text, ['number', 'number']);
        } catch (error) {
          expect(error).toBeInstanceOf(ArchiveError);
        }
      }),
    );
  });
});

describe('database/cursor/pageOf', () => {
  const keyOf = (row: { id: bigint }) => [row.id];

  it('names the last row of the page when there are more', () => {
    const page = pageOf([{ id: 5n }, { id: 4n }, { id: 3n }], 2, keyOf);

    expect(page).toEqual({ items: [{ id: 5n }, { id: 4n }], next: encodeCursor([4n]) });
  });

  it('ends with a full last page', () => {
    expect(pageOf([{ id: 2n }, { id: 1n }], 2, keyOf)).toEqual({ items: [{ id: 2n }, { id: 1n }], next: null });
  });

  it('is empty without rows', () => {
    expect(pageOf([], 2, keyOf)).toEqual({ items: [], next: null });
  });
});

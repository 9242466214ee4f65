import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodePax, parsePax } from './pax.js';

const encode = (text: string) => new TextEncoder().encode(text);

describe('oci/pax', () => {
  it('reads the records of the specification', () => {
    const records = parsePax(Buffer.from('20 path=a/very/long\n30 mtime=1350244992.023960108\n'), 10);

    expect(records).toEqual(
      new Map([
        ['path', encode('a/very/long')],
        ['mtime', encode('1350244992.023960108')],
      ]),
    );
  });

  it('keeps values that are not text, and values with newlines and equals signs', () => {
    const capability = Uint8Array.of(1, 0, 0, 2, 0x00, 0x20, 0xff, 0x0a, 0x3d, 0xc3);

    const records = parsePax(encodePax(new Map([['SCHILY.xattr.security.capability', capability]])), 10);

    expect(records).toEqual(new Map([['SCHILY.xattr.security.capability', capability]]));
  });

  it('takes the last of two equal keys', () => {
    expect(parsePax(Buffer.from('6 a=1\n6 a=2\n'), 10)).toEqual(new Map([['a', encode('2')]]));
  });

  it.each([
    'a=1\n',
    ' 6 a=1\n',
    '06 a=1\n',
    '0 \n',
    '5 a=1\n',
    '7 a=1\n',
    '6 a=1x',
    '6 =12\n',
    '6 abc\n',
    '-6 a=1\n',
    '6 a=1\n\0\0',
    '99999999999999999999 a=1\n',
    '3 \n',
    '3',
  ])('refuses %j', (text) => {
    expect(parsePax(Buffer.from(text), 10)).toBe('pax-record');
  });

  it('stops at the limit of records', () => {
    expect(parsePax(Buffer.from('6 a=1\n'.repeat(10)), 10)).toEqual(new Map([['a', encode('1')]]));
    expect(parsePax(Buffer.from('6 a=1\n'.repeat(11)), 10)).toBe('pax-records-limit');
  });

  it('parse(encode(records)) are the records', () => {
    const key = fc
      .string({ minLength: 1 })
      .filter((text) => !text.includes('=') && Buffer.from(text).toString() === text);

    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.uint8Array({ maxLength: 2000 })), { maxLength: 20 }), (entries) => {
        const records = new Map(entries);
        expect(parsePax(encodePax(records), 20)).toEqual(records);
      }),
    );
  });
});

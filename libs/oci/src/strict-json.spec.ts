import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStrictJson } from './strict-json.js';

const read = (text: string) => parseStrictJson(new TextEncoder().encode(text));

describe('oci/strict-json', () => {
  it.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"a":1, "b": {"c":[], "c" : 2}}', 'c'],
    ['{"a":1,"\\u0061":2}', 'a'],
    ['[{"x":"}"},{"x":1,"y":"\\"","x":2}]', 'x'],
    ['{"":1,"":2}', ''],
  ])('refuses %s', (text, key) => {
    expect(read(text)).toEqual({ fault: 'duplicate-key', key });
  });

  it('takes equal keys in different objects, and keys that only look equal inside strings', () => {
    expect(read('{"a":{"a":"\\"a\\":1"},"b":["a","a"]}')).toEqual({ value: { a: { a: '"a":1' }, b: ['a', 'a'] } });
  });

  it.each([
    ['{"a":1', 'syntax'],
    ['', 'syntax'],
    ['\u{feff}{}', 'syntax'],
    ['{}{}', 'syntax'],
    ['['.repeat(65) + ']'.repeat(65), 'depth'],
    ['{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000), 'depth'],
  ])('refuses %.20s as %s', (text, fault) => {
    expect(read(text)).toEqual({ fault });
  });

  it('takes 64 levels', () => {
    expect(read('['.repeat(64) + ']'.repeat(64))).toHaveProperty('value');
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(parseStrictJson(Uint8Array.of(0x22, 0xff, 0x22))).toEqual({ fault: 'encoding' });
  });

  it('reads every document without repeated keys as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        expect(read(text)).toEqual({ value: JSON.parse(text) });
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { byteString, printable } from './byte-string.js';

describe('comparison/images/byte-string', () => {
  it.each([
    ['usr/bin', 'usr/bin'],
    ['Größe/データ', 'Größe/データ'],
    ['a\nb', 'a\\x0ab'],
    ['a\\x0ab', 'a\\\\x0ab'],
    ['\u202egnp.exe', '\\xe2\\x80\\xaegnp.exe'],
  ])('shows %j as %j', (path, shown) => {
    expect(printable(byteString(Buffer.from(path)))).toBe(shown);
  });

  it('shows bytes that are not text, and never two names alike', () => {
    expect(printable(byteString(Buffer.from('caf\xe9', 'latin1')))).toBe('caf\\xe9');
    expect(printable(byteString(Buffer.from('caf\\xe9')))).toBe('caf\\\\xe9');
  });
});

import { describe, expect, it } from 'vitest';
import { fileText, isStorableText, storableText } from './text.js';

describe('schema/text', () => {
  it.each(['', 'plain', 'ünïcödé', '\u{1f9e0}', 'tab\tand\nline', '\u0001'])('stores %j', (text) => {
    expect(isStorableText(text)).toBe(true);
    expect(storableText().safeParse(text).success).toBe(true);
  });

  it.each(['a\0b', '\ud800', 'a\udc00b', '\udc00\ud800'])('does not store %j', (text) => {
    expect(isStorableText(text)).toBe(false);
    expect(storableText().trim().max(10).safeParse(text).success).toBe(false);
  });

  it('takes NUL in the content of a file, never half of a surrogate pair', () => {
    expect(fileText().safeParse('a\0b').success).toBe(true);
    expect(fileText().safeParse('a\ud800b').success).toBe(false);
  });
});

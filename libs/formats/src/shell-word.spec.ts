import { describe, expect, it } from 'vitest';
import { readShellWord } from './shell-word.js';

describe('formats/shell-word', () => {
  it.each([
    ['plain', 'plain', ''],
    ['two words', 'two', ' words'],
    ['"two words" more', 'two words', ' more'],
    ["'it is $HOME'", 'it is $HOME', ''],
    ['a"b"\'c\'\\ d', 'abc d', ''],
    ['"\\$5 \\"x\\" \\n"', '$5 "x" \\n', ''],
    ["$'a\\nb\\'c'", "a\nb'c", ''],
    ['1; rm', '1', '; rm'],
    ['100$', '100$', ''],
    ['', '', ''],
  ])('reads %s', (raw, text, rest) => {
    expect(readShellWord(raw)).toEqual({ text, rest, isLiteral: true, isClosed: true });
  });

  it.each(['$A', '"/opt:${PATH}"', '`date`', '"$(date)"', '$1'])('says that %s is known only to a shell', (raw) => {
    expect(readShellWord(raw).isLiteral).toBe(false);
  });

  it.each(['"a', "'a", "$'a", '"a\\"'])('says that the quote of %s is open', (raw) => {
    expect(readShellWord(raw).isClosed).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { printable } from './printable.js';

describe('cli/text/printable', () => {
  it.each([
    ['an escape sequence', '\u001b[31mred', '\uFFFD[31mred'],
    ['a line break', 'a\nVerified', 'a\uFFFDVerified'],
    ['a control of the second set', 'a\u009b2J', 'a\uFFFD2J'],
    ['a change of direction', 'a\u202egpj', 'a\uFFFDgpj'],
  ])('takes the power from %s', (_, text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('leaves names as they are', () => {
    expect(printable('Übung 3 – données/図.svg')).toBe('Übung 3 – données/図.svg');
  });
});

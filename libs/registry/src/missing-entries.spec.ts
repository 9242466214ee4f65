import { describe, expect, it } from 'vitest';
import { missingEntries } from './missing-entries.js';

async function* listed(text: string): AsyncGenerator<string> {
  yield* text;
}

describe('registry/missing-entries', () => {
  it.each([
    ['', '', ''],
    ['abc', '', 'abc'],
    ['', 'abc', ''],
    ['abc', 'abc', ''],
    ['abcd', 'bd', 'ac'],
    ['bd', 'abcde', ''],
    ['ace', 'bdf', 'ace'],
  ])('finds of "%s" without "%s" what is missing: "%s"', async (first, second, missing) => {
    const found: string[] = [];
    for await (const id of missingEntries(listed(first), listed(second))) found.push(id);

    expect(found.join('')).toBe(missing);
  });
});

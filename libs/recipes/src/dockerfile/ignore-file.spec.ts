import { describe, expect, it } from 'vitest';
import { withoutIgnored } from './ignore-file.js';

function kept(rules: string, ...paths: string[]): string[] {
  const files = paths.map((path) => ({ path, bytes: new Uint8Array(), isExecutable: false }));
  return withoutIgnored(files, rules, new Set(['Dockerfile'])).map(({ path }) => path);
}

describe('recipes/dockerfile/ignore-file', () => {
  it.each([
    ['*.md', ['a.md'], ['docs/a.md', 'a.mdx']],
    ['**/*.md', ['a.md', 'docs/deep/a.md'], ['a.txt']],
    ['docs', ['docs/a', 'docs/b/c'], ['docs2/a', 'x/docs/a']],
    ['/docs/', ['docs/a'], ['doc']],
    ['./a/../docs', ['docs/a'], ['a/x']],
    ['a?c', ['abc'], ['ac', 'a/c']],
    ['[a-c].txt', ['b.txt'], ['d.txt']],
    ['[^a].txt', ['b.txt'], ['a.txt']],
    ['*\n!keep', ['drop', 'drop/x'], ['keep', 'keep/x']],
    ['!keep\n*', ['keep'], []],
    ['# docs\n\n  docs  ', ['docs/a'], ['# docs']],
    ['a\\*b', ['a*b'], ['axb']],
    ['[', [], ['[']],
    ['a.c', ['a.c'], ['abc']],
    ['**', ['a', 'b/c'], []],
    ['a/**/b', ['a/b', 'a/x/y/b'], ['b']],
  ])('reads %j', (rules, dropped, left) => {
    expect(kept(rules, ...dropped, ...left)).toEqual(left);
  });

  it('never drops the Dockerfile', () => {
    expect(kept('*', 'Dockerfile', 'a')).toEqual(['Dockerfile']);
  });

  it('is not slowed down by stars in a row', () => {
    expect(kept(`${'**/'.repeat(500)}${'*'.repeat(501)}a*a*a*b`, `${'a'.repeat(500)}/x`)).toHaveLength(1);
    expect(kept('*a'.repeat(200) + 'b', 'a'.repeat(800))).toHaveLength(1);
  });
});

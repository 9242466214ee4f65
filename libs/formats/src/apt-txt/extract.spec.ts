import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { extract } from './extract.js';

const spec = extract(readFileSync(new URL('./__fixtures__/apt.txt', import.meta.url), 'utf8'), 'apt.txt')!;

describe('formats/apt-txt/extract', () => {
  it('names packages with what is asked of them', () => {
    expect(spec.packages.map((each) => [each.name, each.build, each.version, each.specifier, each.line])).toEqual([
      ['gfortran', null, null, null, 2],
      ['libgl1-mesa-glx', null, null, null, 4],
      ['xvfb', null, null, null, 4],
      ['g++', 'amd64', null, null, 5],
      ['zlib1g-dev', null, '1:1.2.13.dfsg-1', '=1:1.2.13.dfsg-1', 6],
      ['nano', null, null, '/bookworm-backports', 7],
      ['curl', null, null, null, 10],
      ['git', null, null, null, 10],
    ]);
    expect(new Set(spec.packages.map(({ standing }) => standing))).toEqual(new Set(['declared']));
    expect(spec.scope).toBe('container');
  });

  it('takes no package from a command or from what is no name', () => {
    expect(spec.problems.map(({ reason, line }) => [reason, line])).toEqual([
      ['syntax-invalid', 8],
      ['syntax-invalid', 9],
      ['syntax-invalid', 11],
      ['syntax-invalid', 12],
    ]);
  });

  it.each([
    ['a list of words under another name', 'curl\ngit\n', 'words.txt'],
    ['a file of comments', '# nothing\n', 'apt.txt'],
  ])('is not %s', (_, text, path) => {
    expect(extract(text, path)).toBeNull();
  });
});

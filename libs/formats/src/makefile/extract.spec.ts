import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makefileFormat } from './index.js';

const fixture = readFileSync(new URL('./__fixtures__/Makefile', import.meta.url), 'utf8');
const read = (content: string, path = 'file.txt') => makefileFormat.extract(content, path);

describe('formats/makefile/extract', () => {
  it('gives exports that are written out, and included files', () => {
    const spec = read(fixture);

    expect(spec?.variables).toEqual([
      { name: 'OMP_NUM_THREADS', value: '4' },
      { name: 'LC_ALL', value: 'C' },
    ]);
    expect(spec?.references).toEqual(['config.mk', '../common.mk']);
  });

  it('makes no packages of recipes, and says so', () => {
    const spec = read(fixture);

    expect(spec?.packages).toEqual([]);
    expect(spec?.problems).toEqual([
      {
        reason: 'dynamic-value',
        message: 'The file is a program: what its recipes install and run is not read.',
        line: 11,
      },
    ]);
  });

  it('reports secrets by line and never repeats them', () => {
    const spec = read(fixture);

    expect(spec?.secrets).toEqual([
      { kind: 'password-variable', line: 7 },
      { kind: 'url-credentials', line: 16 },
    ]);
    expect(JSON.stringify(spec)).not.toMatch(/hunter22|s3cret/);
  });

  it.each([
    ['assignments under a telling name', 'CC = gcc\n', 'lab/config.mk', true],
    ['assignments under another name', 'CC = gcc\n', 'a.txt', false],
    ['a rule of two colons', 'a::b\n\tc $@\n', 'a.txt', true],
    ['a list in prose', 'Things:\n\t- one\n', 'a.txt', false],
    ['a rule without recipe', 'a: b\n', 'a.txt', false],
    ['prose with a tab', 'Dear editor:\n\tyes\nno\n', 'a.txt', false],
    ['YAML', 'a: b\nc:\n  - d\n', 'a.txt', false],
    ['YAML under a telling name', '- a\n- b\n', 'Makefile', false],
    ['Python in tabs', 'def f(x):\n\treturn f"${x}"\n', 'a.py', false],
    ['Python', 'def f(x):\n\treturn x\n\nprint(f(1))\n', 'a.py', false],
    ['nothing', '', 'Makefile', false],
  ])('knows %s', (_, content, path, isMakefile) => {
    expect(read(content, path) !== null).toBe(isMakefile);
  });
});

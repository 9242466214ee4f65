import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { envVarsFormat } from './index.js';
import { parseVariables } from './parse.js';

const fixture = (name: string): string => readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url), 'utf8');
const read = (content: string, path = 'file.txt') => envVarsFormat.extract(content, path);

describe('formats/env-vars/parse', () => {
  it('keeps values of several lines and equals signs in values', () => {
    const values = new Map(parseVariables(fixture('env.txt')).variables.map(({ name, value }) => [name, value]));

    expect(values.get('GREETING')).toBe('This goes on\nover a line with one=equals sign\nin it');
    expect(values.get('OPENBLAS_NUM_THREADS')).toBe('4=2');
    expect(values.get('PYTHONHASHSEED')).toBe('');
    expect(values.get('BASH_FUNC_module%%')).toBe('() {  eval $(/usr/bin/modulecmd bash $*)\n}');
    expect(values.get('_')).toBe('/usr/bin/env');
  });

  it.each([
    ['export A="one two"\n', 'A', 'one two'],
    ["declare -rx A='x'\n", 'A', 'x'],
    ["declare -x A=$'a\\nb'\n", 'A', 'a\nb'],
    ['export A="one\ntwo"\nexport B=1\n', 'A', 'one\ntwo'],
    ['setenv A "one two"\n', 'A', 'one two'],
    ['$env:A = "one two"\n', 'A', 'one two'],
    ['A="one two"\n', 'A', 'one two'],
    ['ProgramFiles(x86)=C:\\Program Files (x86)\n', 'ProgramFiles(x86)', 'C:\\Program Files (x86)'],
    ['A=1\n\n# a comment\nB=2\n', 'A', '1'],
  ])('reads %j', (text, name, value) => {
    expect(parseVariables(text).variables[0]).toEqual({ name, value, line: 1 });
  });

  it('reads on behind a quote that is never closed', () => {
    expect(parseVariables('export A="one\nexport B=2\n').variables.map(({ name }) => name)).toEqual(['A', 'B']);
  });
});

describe('formats/env-vars/extract', () => {
  it('reads the variables that change numbers and no others', () => {
    expect(read(fixture('env.txt'))?.variables).toEqual([
      { name: 'OMP_NUM_THREADS', value: '8' },
      { name: 'MKL_CBWR', value: 'AVX2' },
      { name: 'LC_ALL', value: 'de_DE.UTF-8' },
      { name: 'TZ', value: 'Europe/Berlin' },
      { name: 'OPENBLAS_NUM_THREADS', value: '4=2' },
      { name: 'PYTHONHASHSEED', value: '' },
    ]);
    expect(read(fixture('run.env'), '.env')?.variables).toEqual([
      { name: 'OMP_NUM_THREADS', value: '1' },
      { name: 'CUBLAS_WORKSPACE_CONFIG', value: ':4096:8' },
      { name: 'LC_COLLATE', value: 'C' },
    ]);
  });

  it('reports secrets by line, and repeats neither them nor the names of people', () => {
    const spec = read(fixture('env.txt'));

    expect(spec?.secrets).toEqual([
      { kind: 'password-variable', line: 10 },
      { kind: 'url-credentials', line: 11 },
    ]);
    expect(JSON.stringify(spec)).not.toMatch(/s3cret|abcd1234|jane/);
  });

  it('does not show a secret in a variable that changes numbers', () => {
    const spec = read('PATH=/bin\nTF_AUTH_TOKEN=abcd1234efgh\nOMP_PROC_BIND=true\n');

    expect(spec?.variables).toEqual([{ name: 'OMP_PROC_BIND', value: 'true' }]);
    expect(spec?.secrets).toEqual([{ kind: 'password-variable', line: 2 }]);
  });

  it('takes the last of two assignments', () => {
    expect(read('PATH=/bin\nTZ=UTC\nTZ=CET\n')?.variables).toEqual([{ name: 'TZ', value: 'CET' }]);
  });

  it.each([
    ['a script', '#!/bin/bash\nexport OMP_NUM_THREADS=4\nexport PATH=/opt:$PATH\npython run.py\n'],
    ['pinned packages', 'numpy==1.26.4\npath==16.0\n'],
    ['a conda list', 'numpy=1.26.4=py311_0\npath=16.0=py_0\n'],
    ['other assignments', 'CC=gcc\nCFLAGS=-O2\nLDFLAGS=\n'],
    ['a lone assignment', 'TZ=UTC\n'],
    ['an INI file', '[main]\nPATH=/bin\nTZ=UTC\n'],
    ['prose', 'Dear editor,\nPATH=/bin\nHOME=/root\n'],
    ['nothing', ''],
  ])('leaves %s to other formats', (_, content) => {
    expect(read(content)).toBeNull();
  });

  it('reads a lone assignment under a telling name', () => {
    expect(read('TZ=UTC\n', 'lab/run.env')?.variables).toEqual([{ name: 'TZ', value: 'UTC' }]);
  });

  it('refuses a line beyond the limit by its number', () => {
    expect(() => read(`PATH=/bin\nHOME=${'x'.repeat(300_000)}\n`)).toThrow(
      expect.objectContaining({ reason: 'limit-exceeded', line: 2 }),
    );
  });
});

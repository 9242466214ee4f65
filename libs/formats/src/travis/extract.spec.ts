import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { travisFormat } from './index.js';

const fixture = readFileSync(new URL('./__fixtures__/.travis.yml', import.meta.url), 'utf8');
const read = (content: string, path = 'file.txt') => travisFormat.extract(content, path);

describe('formats/travis/extract', () => {
  it('gives language, versions and system as wishes', () => {
    expect(read(fixture)?.runtimes).toEqual([
      { name: 'ubuntu', version: null, specifier: 'xenial', line: 2 },
      { name: 'python', version: null, specifier: '3.10', line: 4 },
      { name: 'python', version: null, specifier: 'pypy3', line: 5 },
    ]);
  });

  it('leaves commands alone and says so', () => {
    const spec = read(fixture);

    expect(spec?.packages).toEqual([]);
    expect(spec?.problems).toEqual([
      { reason: 'dynamic-value', message: 'The commands are a program: what they install is not read.', line: 11 },
    ]);
  });

  it('reports encrypted blocks and plain secrets by line', () => {
    const spec = read(fixture);

    expect(spec?.secrets).toEqual([
      { kind: 'encrypted-block', line: 9 },
      { kind: 'password-variable', line: 10 },
      { kind: 'encrypted-block', line: 16 },
      { kind: 'password-variable', line: 17 },
    ]);
    expect(JSON.stringify(spec)).not.toMatch(/hunter22|abcd1234/);
  });

  it.each([
    ['language: r\nr: release\ninstall: x\n', [['r', 'release']]],
    [
      'language: node_js\nnode_js: [18, 20]\n',
      [
        ['node', '18'],
        ['node', '20'],
      ],
    ],
    ['language: ruby\nrvm: 3.2\n', [['ruby', '3.2']]],
    ['language: julia\nscript: x\n', [['julia', null]]],
    ['language: c\nscript: make\n', [['c', null]]],
    ['language: python\npython: {a: b}\n', [['python', null]]],
    ['language: python\npython: &v 3.9\ndist: *v\n', [['python', '3.9']]],
  ])('reads %j', (content, runtimes) => {
    expect(read(content)?.runtimes.map(({ name, specifier }) => [name, specifier])).toEqual(runtimes);
  });

  it('reads a configuration without language under its name', () => {
    expect(read('dist: jammy\nscript: make\n', 'a/.travis.yml')?.runtimes[0]).toMatchObject({ specifier: 'jammy' });
    expect(read('dist: jammy\nscript: make\n')).toBeNull();
  });

  it('refuses broken YAML under its name, with the line', () => {
    expect(() => read('language: python\ninstall: [pip\n', '.travis.yml')).toThrow(
      expect.objectContaining({ reason: 'syntax-invalid', line: 3 }),
    );
    expect(read('language: python\ninstall: [pip\n')).toBeNull();
  });

  it.each([
    ['another configuration', 'language: english\nscript: latin\n'],
    ['a conda environment', 'channels: [a]\ndependencies:\n  - python\n'],
    ['a list', '- language: python\n'],
    ['nothing', ''],
  ])('leaves %s to other formats', (_, content) => {
    expect(read(content)).toBeNull();
  });
});

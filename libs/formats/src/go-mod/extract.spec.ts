import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { goModFormat } from './index.js';

const fixture = readFileSync(new URL('./__fixtures__/go.mod', import.meta.url), 'utf8');
const read = (content: string, path = 'go.mod') => goModFormat.extract(content, path);
const requiring = (lines: string): string => `module example.org/a\n\nrequire (\n${lines}\n)\n`;

describe('formats/go-mod/extract', () => {
  it('reads every requirement, with what is used in its place', () => {
    const packages = read(fixture)?.packages.map((each) => [
      each.name,
      each.version,
      each.purl,
      each.group,
      each.skipReason,
      each.line,
    ]);

    const golang = 'pkg:golang/example.org';
    expect(packages).toEqual([
      ['example.org/Numerics/blas', 'v0.14.0', `${golang}/numerics/blas@v0.14.0`, null, null, 8],
      ['example.org/plot/v3', 'v3.2.1', `${golang}/plot/v3@v3.2.1`, 'indirect', null, 11],
      ['example.org/old', 'v4.5.6+incompatible', `${golang}/old@v4.5.6%2Bincompatible`, 'indirect', null, 12],
      [
        'example.org/table',
        'v0.0.0-20180830191138-d8f796af33cc',
        `${golang}/table@v0.0.0-20180830191138-d8f796af33cc`,
        null,
        null,
        13,
      ],
      ['example.org/quoted', 'v1.2', `${golang}/quoted@v1.2.0`, 'indirect', null, 14],
      ['gopkg.in/yaml.v3', 'v3.0.1', 'pkg:golang/gopkg.in/yaml.v3@v3.0.1', null, null, 15],
      ['example.org/fork', 'v1.0.0', `${golang}/mirror/fork@v1.0.1`, null, null, 18],
      ['example.org/local', 'v0.1.0', null, null, 'local-path', 19],
      ['example.org/bad', 'v1.1.0', `${golang}/bad`, null, 'dynamic-value', 20],
    ]);
  });

  it('tells the replacement in words', () => {
    const replaced = read(fixture)?.packages.filter(({ source }) => source !== null);

    expect(replaced?.map(({ specifier, source }) => [specifier, source])).toEqual([
      ['v1.0.0 => example.org/mirror/fork v1.0.1', 'example.org/mirror/fork@v1.0.1'],
      [null, '../local'],
    ]);
  });

  it('takes the version of Go for the least one', () => {
    expect(read(fixture)?.runtimes).toEqual([
      { name: 'go', version: null, specifier: '>=1.22.0', line: 4 },
      { name: 'go', version: null, specifier: '>=1.22.5', line: 6 },
    ]);
  });

  it('reports a requirement that is excluded', () => {
    expect(read(fixture)?.problems.map(({ reason, line }) => [reason, line])).toEqual([['dynamic-value', 20]]);
  });

  it('is found by its content under another name', () => {
    expect(read(fixture, 'modules.txt')?.packages).toHaveLength(9);
    expect(read(requiring('\texample.org/b v1.0.0'), 'x')?.packages).toHaveLength(1);
    expect(read('require (\n\texample.org/b v1.0.0\n)\n', 'x')?.packages).toHaveLength(1);
  });

  it.each([
    ['an unknown directive', 'module a.example.org\nrequires example.org/b v1.0.0\n', 2],
    ['a block of go', 'module a.example.org\n\ngo (\n1.20\n)\n', 3],
    ['a block that stays open', requiring('\tb.example.org v1.0.0').slice(0, -3), 3],
    ['a block in a block', requiring('('), 4],
    ['words behind a block', `${requiring('').trimEnd()} x\n`, 5],
    ['a second go', 'module a.example.org\ngo 1.20\ngo 1.21\n', 3],
    ['a version of Go that is none', 'module a.example.org\ngo 1.2x.3\n', 2],
    ['a requirement without a version', requiring('\texample.org/b'), 4],
    ['a range', requiring('\texample.org/b >=v1.0.0'), 4],
    ['a major version that the path lacks', requiring('\texample.org/b v2.0.0'), 4],
    ['a major version that the path denies', requiring('\texample.org/b/v3 v2.0.0'), 4],
    ['a string that stays open', requiring('\t"example.org/b v1.0.0'), 4],
    ['a comment of C', requiring('\t/* b */'), 4],
    ['a replacement without an arrow', `${requiring('')}replace example.org/b example.org/c v1.0.0\n`, 6],
    ['a replacement without a version', `${requiring('')}replace example.org/b => example.org/c\n`, 6],
    ['a replacement without end', `${requiring('')}replace example.org/b => ./${'c'.repeat(501)}\n`, 6],
    ['a folder with a version', `${requiring('')}replace example.org/b => ./c v1.0.0\n`, 6],
    ['a tool without a path', `${requiring('')}tool\n`, 6],
    ['a retraction of half an interval', `${requiring('')}retract [v1.0.0,\n`, 6],
    ['a setting without a value', `${requiring('')}godebug default\n`, 6],
    ['an excluded module without a version', `${requiring('')}exclude example.org/b\n`, 6],
  ])('refuses %s with its line', (_, content, line) => {
    expect(() => read(content)).toThrow(expect.objectContaining({ name: 'FormatError', line }));
  });

  it('reads CRLF, raw strings and empty blocks', () => {
    const content = 'module a.example.org\r\n\r\nexclude ()\r\nrequire `example.org/b` v1.0.0 // indirect\r\n';

    expect(read(content)?.packages.map(({ name, group }) => [name, group])).toEqual([['example.org/b', 'indirect']]);
  });

  it.each([
    ['a workspace', 'go 1.22\n\nuse ./a\n', 'go.work'],
    ['a module of Ruby', 'module Lab\n  def go\n  end\nend\n', 'lab.rb'],
    ['a module of Haskell', 'module Lab where\nimport Data.List\n', 'Lab.hs'],
    ['a requirements file', 'example.org==1.0\n', 'requirements.txt'],
    ['an empty file', '', 'go.mod'],
  ])('leaves %s to other formats', (_, content, path) => {
    expect(read(content, path)).toBeNull();
  });

  it('stays fast on endless lines and blocks', () => {
    expect(() => read(`module a.example.org\ngo 1.20\nrequire ${'('.repeat(60_000)}`)).toThrow('opens no block');
    expect(() => read(`module a.example.org\ngo 1.20\nrequire ${'x'.repeat(70_000)}`)).toThrow(
      expect.objectContaining({ reason: 'limit-exceeded', line: 3 }),
    );
    expect(() => read(requiring('a.example.org/b v1.0.0\n'.repeat(200_001)))).toThrow(
      expect.objectContaining({ reason: 'limit-exceeded' }),
    );
  });
});

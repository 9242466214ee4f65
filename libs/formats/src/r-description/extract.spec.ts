import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { rDescriptionFormat } from './index.js';

const fixture = readFileSync(new URL('./__fixtures__/DESCRIPTION', import.meta.url), 'utf8');
const read = (content: string, path = 'DESCRIPTION') => rDescriptionFormat.extract(content, path);
const importing = (text: string): string => `Package: a1\nVersion: 1.0\nTitle: A\nImports: ${text}\n`;

describe('formats/r-description/extract', () => {
  it('reads dependencies by field, and only == as a version', () => {
    const packages = read(fixture)?.packages.map((each) => [
      each.group,
      each.name,
      each.version,
      each.specifier,
      each.skipReason,
      each.line,
    ]);

    expect(packages).toEqual([
      ['Depends', 'methods', null, null, 'no-version', 7],
      ['Imports', 'dplyr', null, '>= 1.1.0', 'version-range', 9],
      ['Imports', 'Rcpp', '1.0.11', '== 1.0.11', null, 10],
      ['Imports', 'plots', null, null, 'no-version', 11],
      ['Imports', 'inhouse', null, null, 'vcs-source', 12],
      ['LinkingTo', 'Rcpp', null, null, 'no-version', 15],
      ['Suggests', 'testthat', null, '>= 3.0.0', 'version-range', 16],
      ['Suggests', 'BiocGenerics', null, null, 'no-version', 16],
      ['Suggests', 'knitr', null, null, 'no-version', 17],
    ]);
  });

  it('takes R for the runtime', () => {
    expect(read(fixture)?.runtimes).toEqual([{ name: 'r', version: null, specifier: '>= 4.1', line: 7 }]);
  });

  it('joins remotes with the packages that they are of, and names no package after a remote', () => {
    const spec = read(fixture);

    const commit = '73e1f315cc2b38458becda9b62d4dc17686af781';
    expect(
      spec?.packages.filter(({ source }) => source !== null).map(({ name, source, purl }) => [name, source, purl]),
    ).toEqual([
      ['plots', `https://github.com/lab/plots#${commit}`, `pkg:github/lab/plots@${commit}`],
      ['inhouse', 'https://gitlab.com/lab/tools', null],
    ]);
    expect(spec?.secrets).toEqual([{ kind: 'url-credentials', line: 22 }]);
    expect(JSON.stringify(spec)).not.toContain('s3cret');
  });

  it('shows what it does not understand', () => {
    expect(read(fixture)?.problems).toEqual([
      {
        reason: 'vcs-source',
        message: 'No dependency is named after the remote https://files.example.org/other.tar.gz.',
        line: 22,
      },
      { reason: 'duplicate-entry', message: 'dplyr stands twice in Imports; the first one is read.', line: 13 },
      { reason: 'syntax-invalid', message: 'Imports holds what is no dependency: two words', line: 14 },
      {
        reason: 'unsupported-installer',
        message: 'SystemRequirements is text for people: GNU make, C++17, libxml2 (>= 2.9)',
        line: 18,
      },
    ]);
  });

  it.each([
    ['a bound without a blank', 'b1(>=1.0)', [['b1', null, '>=1.0']]],
    [
      'a bound over two lines',
      'b1\n  (>= 1.0), c1',
      [
        ['b1', null, '>= 1.0'],
        ['c1', null, null],
      ],
    ],
    [
      'empty items',
      ', b1,, c1 ,',
      [
        ['b1', null, null],
        ['c1', null, null],
      ],
    ],
    ['a revision of R', 'b1 (>= r12345)', [['b1', null, '>= r12345']]],
    ['one number', 'b1 (== 3)', [['b1', null, '== 3']]],
    ['a bound that is none', 'b1 (1.0), c1', [['c1', null, null]]],
    ['a bound that stays open', 'b1 (>= 1.0', []],
  ])('reads %s', (_, text, expected) => {
    expect(read(importing(text))?.packages.map(({ name, version, specifier }) => [name, version, specifier])).toEqual(
      expected,
    );
  });

  it.each([
    ['github::o/r/sub/pkg', 'pkg', 'https://github.com/o/r', null],
    ['o/pkg#12', 'pkg', 'https://github.com/o/pkg#12', null],
    ['git::https://git.example.org/pkg.git', 'pkg', 'https://git.example.org/pkg.git', null],
    ['git::git@git.example.org:o/pkg.git@main', 'pkg', 'git@git.example.org:o/pkg.git@main', null],
    ['github@git.example.org/api/v3::o/pkg', 'pkg', 'https://git.example.org/api/v3/o/pkg', null],
    ['local::../pkg', 'pkg', null, 'local::../pkg'],
    ['bioc::pkg', 'pkg', 'bioc::pkg', null],
    ['svn::https://svn.example.org/pkg', 'pkg', 'https://svn.example.org/pkg', null],
  ])('reads the remote %s', (remote, name, source, unnamed) => {
    const spec = read(`${importing(name)}Remotes: ${remote}\n`);

    expect(spec?.packages[0]?.source).toBe(source);
    expect(spec?.sources).toEqual([source ?? unnamed]);
  });

  it.each([
    ['a continuation before a field', '   more\nPackage: a1\nVersion: 1.0\nTitle: A\n', 1],
    ['a line without a colon', `${importing('b1')}prose\n`, 5],
  ])('refuses %s as R does', (_, content, line) => {
    expect(() => read(content)).toThrow(expect.objectContaining({ reason: 'syntax-invalid', line }));
  });

  it('reads the first record and says so', () => {
    const spec = read(`${importing('b1')}\n${importing('c1')}`);

    expect(spec?.packages.map(({ name }) => name)).toEqual(['b1']);
    expect(spec?.problems.map(({ reason, line }) => [reason, line])).toEqual([['unsupported-option', 6]]);
  });

  it('is found by its content under another name', () => {
    expect(read(importing('b1'), 'x')?.packages).toHaveLength(1);
  });

  it.each([
    ['a control file of Debian', 'Package: a1\nVersion: 1.0\nArchitecture: all\nLicense: x\n', 'control'],
    ["Python's metadata", 'Metadata-Version: 2.1\nName: a\nVersion: 1.0\nLicense: MIT\n', 'PKG-INFO'],
    ['notes with a title', 'Title: Notes\nPackage: none\n', 'notes.txt'],
    ['a description in prose', 'This is the description.\n', 'DESCRIPTION'],
    ['an empty file', '', 'DESCRIPTION'],
  ])('leaves %s to other formats', (_, content, path) => {
    expect(read(content, path)).toBeNull();
  });
});

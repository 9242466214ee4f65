import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { extract } from './extract.js';

const fixture = (name: string) =>
  extract(readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url), 'utf8'), name)!;
const spec = fixture('pixi.lock');
const version4 = fixture('version-4.pixi.lock');
const version7 = fixture('version-7.pixi.lock');

describe('formats/pixi-lock/extract', () => {
  it('lists a package for each environment that it is in, with its platforms there', () => {
    expect(
      spec.packages.map(({ name, version, build, group, marker, line }) => [name, version, build, group, marker, line]),
    ).toEqual([
      ['child-package', '0.1.0', 'pyhbf21a9e_0', 'test', 'platform=linux-64', 31],
      ['python', '3.12.2', 'hab00c5b_0_cpython', 'default', 'platform=linux-64', 40],
      ['tzdata', '2024a', 'h0c530f3_0', 'default', 'platform=linux-64,osx-arm64', 48],
      ['tzdata', '2024a', 'h0c530f3_0', 'test', 'platform=linux-64', 48],
      ['python', '3.8.19', 'hd12c33a_0_cpython', null, null, 50],
      ['numpy', '1.26.4', null, 'default', 'platform=linux-64', 52],
      ['eegtool', '2.0', null, 'default', 'platform=linux-64', 57],
      ['plots', '1.0', null, 'default', 'platform=linux-64', 60],
      ['my-analysis', '0.1.0', null, 'default', 'platform=linux-64', 63],
    ]);
  });

  it('names channel, place and commit in the purl', () => {
    const rows = spec.packages.map(({ purl, skipReason }) => [purl, skipReason]);

    expect(rows).toEqual([
      [null, 'local-path'],
      ['pkg:conda/python@3.12.2?build=hab00c5b_0_cpython&channel=conda-forge&subdir=linux-64&type=conda', null],
      ['pkg:conda/tzdata@2024a?build=h0c530f3_0&channel=conda-forge&subdir=noarch&type=conda', null],
      ['pkg:conda/tzdata@2024a?build=h0c530f3_0&channel=conda-forge&subdir=noarch&type=conda', null],
      [
        'pkg:conda/python@3.8.19?build=hd12c33a_0_cpython&channel=conda-forge&subdir=linux-64&type=conda',
        'not-installed',
      ],
      ['pkg:pypi/numpy@1.26.4', null],
      [
        'pkg:pypi/eegtool@2.0?vcs_url=git%2Bhttps:%2F%2Fgit.example.org%2Flab%2Feegtool.git%4034d90eaf81fa042ace51ec27af28b1e487c79f32',
        'vcs-source',
      ],
      ['pkg:pypi/plots@1.0?download_url=https:%2F%2Fgit.example.org%2Flab%2Fplots-1.0-py3-none-any.whl', 'url-source'],
      [null, 'local-path'],
    ]);
  });

  it('takes the language of the environments, and not of what is in none', () => {
    expect(spec.runtimes).toEqual([{ name: 'python', version: '3.12.2', specifier: null, line: 40 }]);
  });

  it('lists channels, indexes and find-links in order, and reports a password by its line', () => {
    expect(spec.sources).toEqual([
      'https://conda.example.org/conda-forge/',
      'https://pypi.example.org/simple',
      './wheels',
    ]);
    expect(spec.secrets).toEqual([{ kind: 'url-credentials', line: 7 }]);
    expect(JSON.stringify(spec)).not.toContain('s3cret');
  });

  it('says which package of an environment the file does not describe', () => {
    expect(spec.problems.map(({ reason, line }) => [reason, line])).toEqual([['syntax-invalid', 22]]);
  });

  it('reads version 4, where an entry says its kind', () => {
    expect(
      version4.packages.map(({ ecosystem, name, version, group, skipReason }) => [
        ecosystem,
        name,
        version,
        group,
        skipReason,
      ]),
    ).toEqual([
      ['pypi', 'bar', '0.1.0', 'default', 'local-path'],
      ['conda', 'r-base', '4.3_22', 'default', null],
    ]);
    expect(version4.runtimes).toMatchObject([{ name: 'r', version: '4.3_22' }]);
  });

  it('tells what version 7 installs from what builds it', () => {
    expect(version7.packages.map(({ name, version, group, skipReason }) => [name, version, group, skipReason])).toEqual(
      [
        ['sdl2', '2.32.56', 'default', null],
        ['cmake', '4.3.4', 'build packages', 'not-installed'],
        ['core', '0.1.0', 'default', 'local-path'],
        ['utils', null, 'default', 'local-path'],
        ['utils', null, null, 'not-installed'],
      ],
    );
  });

  it('names a source package without a version in a problem', () => {
    expect(version7.problems).toEqual([
      {
        reason: 'vcs-source',
        message:
          'sdl_example is built from https://git.example.org/lab/sdl-example#34d90eaf81fa042ace51ec27af28b1e487c79f32; the file fixes no version of it.',
        line: 25,
      },
    ]);
  });

  it('says that a version of the format is not known', () => {
    const read = extract('version: 12\nenvironments: {}\npackages: []\n', 'pixi.lock');

    expect(read?.problems).toMatchObject([{ reason: 'unsupported-option', line: 1 }]);
  });

  it.each([
    ['a list of images', 'version: 1\nenvironments: [a]\npackages: [b]\n'],
    ['a lock file of Dart', 'version: 1\nenvironments: {}\npackages:\n  http:\n    version: 1.0.0\n'],
    ['broken YAML of another kind', 'version: [\nenvironments:\npackages:\n'],
  ])('is not %s', (_, text) => {
    expect(extract(text, 'some.yml')).toBeNull();
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { extract } from './extract.js';

const fixture = (name: string) => extract(readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url), 'utf8'))!;
const table = fixture('conda-list.txt');
const exported = fixture('package-list.txt');

describe('formats/conda-list/extract', () => {
  it('reads the rows of a table', () => {
    expect(
      table.packages.map(({ ecosystem, name, version, build, line }) => [ecosystem, name, version, build, line]),
    ).toEqual([
      ['conda', '_libgcc_mutex', '0.1', 'conda_forge', 4],
      ['conda', 'blas', '1.0', 'mkl', 5],
      ['pypi', 'eegtool', '0.3.0', null, 6],
      ['pypi', 'mne', '1.6.0', null, 7],
      ['conda', 'python', '3.10.6', 'h582c2e5_0_cpython', 8],
      ['conda', 'r-base', '4.3_22', 'h63175ca_0', 9],
      ['pypi', 'scipy', '1.5.4', null, 10],
    ]);
    expect(new Set(table.packages.map(({ standing }) => standing))).toEqual(new Set(['observed']));
  });

  it('names channel and subdir where they are printed', () => {
    expect(table.packages.map(({ purl, skipReason }) => [purl, skipReason])).toEqual([
      ['pkg:conda/_libgcc_mutex@0.1?build=conda_forge&channel=conda-forge', null],
      ['pkg:conda/blas@1.0?build=mkl', null],
      [null, 'local-path'],
      ['pkg:pypi/mne@1.6.0', null],
      ['pkg:conda/python@3.10.6?build=h582c2e5_0_cpython&channel=conda-forge&subdir=linux-64', null],
      ['pkg:conda/r-base@4.3_22?build=h63175ca_0&channel=https:%2F%2Fconda.example.org%2Flab', null],
      ['pkg:pypi/scipy@1.5.4', null],
    ]);
  });

  it('makes a problem of a row that is cut off, and reports a token without repeating it', () => {
    expect(table.problems.map(({ reason, line }) => [reason, line])).toEqual([['syntax-invalid', 11]]);
    expect(table.secrets).toEqual([{ kind: 'token', line: 9 }]);
    expect(JSON.stringify(table)).not.toMatch(/tk-12345|reader/);
  });

  it('names the languages', () => {
    expect(table.runtimes.map(({ name, version, line }) => [name, version, line])).toEqual([
      ['python', '3.10.6', 8],
      ['r', '4.3_22', 9],
    ]);
  });

  it('reads the table of mamba', () => {
    const mamba = fixture('micromamba-list.txt');

    expect(mamba.packages.map(({ name, normalizedName, line }) => [name, normalizedName, line])).toEqual([
      ['_libgcc_mutex', '_libgcc_mutex', 5],
      ['Nodejs', 'nodejs', 6],
    ]);
    expect(mamba.problems).toEqual([]);
  });

  it('reads an export, and fixes nothing where a line does not', () => {
    expect(
      exported.packages.map(({ ecosystem, name, version, build, standing }) => [
        ecosystem,
        name,
        version,
        build,
        standing,
      ]),
    ).toEqual([
      ['conda', '_libgcc_mutex', '0.1', 'conda_forge', 'observed'],
      ['pypi', 'click', '8.1.7', null, 'observed'],
      ['conda', 'python', '3.12.0', 'hab00c5b_0_cpython', 'observed'],
      ['conda', 'tk', null, null, 'declared'],
    ]);
    expect(exported.problems.map(({ reason, line }) => [reason, line])).toEqual([['name-invalid', 9]]);
  });

  it('reads the list in JSON, with digests where it has them', () => {
    const list = fixture('conda-list.json');

    expect(
      list.packages.map(({ ecosystem, normalizedName, version, build, line, standing, purl, skipReason }) => [
        [ecosystem, normalizedName, version, build, line, standing],
        [purl, skipReason],
      ]),
    ).toEqual([
      [
        ['conda', '_libgcc_mutex', '0.1', 'conda_forge', 2, 'observed'],
        ['pkg:conda/_libgcc_mutex@0.1?build=conda_forge&channel=conda-forge&subdir=linux-64', null],
      ],
      [
        ['pypi', 'zope-interface', '6.1', null, 12, 'observed'],
        ['pkg:pypi/zope-interface@6.1', null],
      ],
      [
        ['conda', 'python', '3.10.6', 'h582c2e5_1_cpython', 22, 'observed'],
        [
          'pkg:conda/python@3.10.6?build=h582c2e5_1_cpython&channel=https:%2F%2Fconda.example.org%2Flab&subdir=linux-64',
          null,
        ],
      ],
      [
        ['pypi', 'eegtool', '0.3.0', null, 35, 'observed'],
        [null, 'local-path'],
      ],
      [
        ['conda', 'own-tool', '1.0', '0', 46, 'observed'],
        ['pkg:conda/own-tool@1.0?build=0&subdir=noarch', null],
      ],
    ]);
    expect(list.packages[2]?.hashes).toEqual([
      'sha256:4f8d2f9a7f3b0c6d5e1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70',
      'md5:d7c89558ba9fa0495403155b64376d81',
    ]);
    expect(list.runtimes.map(({ name, version, line }) => [name, version, line])).toEqual([['python', '3.10.6', 22]]);
  });

  it('makes no version of a number in JSON, and reports a token without repeating it', () => {
    const list = fixture('conda-list.json');

    expect(list.problems.map(({ reason, line }) => [reason, line])).toEqual([['syntax-invalid', 45]]);
    expect(list.secrets).toEqual([{ kind: 'token', line: 22 }]);
    expect(JSON.stringify(list)).not.toContain('tk-12345');
  });

  it('says where a list in JSON breaks off, and takes no other list for one', () => {
    const cut = '[\n  {"build_string": "0", "dist_name": "a-1-0",\n  "name": "a", ';

    expect(() => extract(cut)).toThrow(expect.objectContaining({ reason: 'syntax-invalid', line: 3 }));
    expect(extract('[{"name": "numpy", "version": "1.26.4"}]')).toBeNull();
    expect(extract('[{"build_string": "0"}]')).toBeNull();
    expect(extract('["build_string"]')).toBeNull();
    expect(extract('[]')).toBeNull();
  });

  it('knows an export without its header by its lines', () => {
    expect(extract('a=1.0=0\nb=2.1=py310_1\n')?.packages.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it.each([
    ['a requirements file', 'a==1.0\nb==2.0\n'],
    ['a mixture', 'a=1.0=0\nb==2.0\n'],
    ['one line', 'a=1.0=0\n'],
    ['a dump of variables', 'JAVA_OPTS=-Da=1\nA=1=2\n'],
    ['an explicit list', '# $ conda create --name <env> --file <this file>\n@EXPLICIT\n'],
    ['prose', 'Name Version Build\n'],
  ])('is not %s', (_, content) => {
    expect(extract(content)).toBeNull();
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../format.js';
import { extract } from './extract.js';

const fixture = (name: string) =>
  extract(readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url), 'utf8'), name)!;
const written = fixture('environment.yml');
const exported = fixture('environment.lock.yml');
const packagesOf = (...entries: string[]) =>
  extract(`channels: [lab]\ndependencies:\n${entries.map((entry) => `  - ${entry}\n`).join('')}`, 'x.yml')?.packages;

describe('formats/conda-environment/extract', () => {
  it('takes a version only where the entry fixes one', () => {
    const rows = written.packages.map((each) => [
      each.ecosystem,
      each.name,
      each.version,
      each.specifier,
      each.build,
      each.skipReason,
      each.line,
    ]);

    expect(rows).toEqual([
      ['conda', 'python', null, '=3.10', null, 'version-range', 8],
      ['conda', 'numpy', '1.26.4', '==1.26.4', null, null, 9],
      ['conda', 'r-base', null, '4.3.*', null, 'version-range', 10],
      ['conda', 'scipy', '1.11.4', '=1.11.4=py310hb13e2d6_0', 'py310hb13e2d6_0', null, 11],
      ['conda', 'eegtool', '2.0', '==2.0', null, null, 12],
      ['conda', 'matplotlib', null, "[version='>=3.7,<4']", null, 'version-range', 13],
      ['conda', 'blas', null, '=*=openblas', null, 'version-range', 14],
      ['conda', 'libgomp', null, '13.2.0 hf8544c7_5', null, 'version-range', 15],
      ['conda', 'clang_osx-64', null, null, null, 'no-version', 16],
      ['conda', 'jq', null, '=={{ JQ }}', null, 'dynamic-value', 17],
      ['conda', '3.10', null, null, null, 'no-version', 18],
      ['conda', 'atlas', '1.2', null, '0', 'url-source', 20],
      ['conda', 'r-base', null, '4.3.*', null, 'version-range', 21],
      ['conda', 'pip', null, null, null, 'no-version', 22],
      ['pypi', 'mne', '1.6.0', '==1.6.0', null, null, 26],
      ['pypi', 'psutil', null, '>=5', null, 'version-range', 27],
    ]);
  });

  it('keeps channels in order, the channel of an entry, and selectors', () => {
    expect(written.sources).toEqual([
      'conda-forge',
      'https://conda.example.org/lab',
      'defaults',
      'https://pypi.lab.example.org/simple',
    ]);
    expect(written.packages.find(({ name }) => name === 'scipy')?.purl).toBe(
      'pkg:conda/scipy@1.11.4?build=py310hb13e2d6_0&channel=conda-forge',
    );
    expect(written.packages.find(({ name }) => name === 'eegtool')?.purl).toBe(
      'pkg:conda/eegtool@2.0?channel=lab&subdir=linux-64',
    );
    expect(written.packages.find(({ name }) => name === 'clang_osx-64')?.marker).toBe('osx64');
    expect(written.packages.find(({ name }) => name === 'psutil')?.marker).toBe('linux64');
    expect(written.packages.find(({ name }) => name === 'atlas')?.hashes).toEqual([
      'md5:0123456789abcdef0123456789abcdef',
    ]);
  });

  it('names the languages', () => {
    expect(written.runtimes[0]).toEqual({ name: 'python', version: null, specifier: '=3.10', line: 8 });
    expect(exported.runtimes).toEqual([{ name: 'python', version: '3.12.0', specifier: null, line: 7 }]);
  });

  it('makes a problem of what it does not read', () => {
    expect(written.problems.map(({ reason, line }) => [reason, line])).toEqual([
      ['name-invalid', 19],
      ['local-path', 28],
      ['unsupported-installer', 29],
    ]);
    expect(written.references).toEqual(['more.txt']);
  });

  it('reports secrets by line, repeats none, and leaves out where the environment lay', () => {
    expect(written.secrets).toEqual([
      { kind: 'token', line: 5 },
      { kind: 'url-credentials', line: 24 },
      { kind: 'password-variable', line: 34 },
    ]);
    expect(written.variables).toEqual([
      { name: 'OMP_NUM_THREADS', value: '1' },
      { name: 'TOKENIZERS_PARALLELISM', value: 'false' },
      { name: 'LAB_TOKEN', value: '' },
    ]);
    expect(JSON.stringify([written, exported])).not.toMatch(/tk-12345|s3cret|hunter22|\/home\/reader|\/opt\/conda/);
  });

  it('takes an export for what was seen installed, and pip packages among conda packages for pip packages', () => {
    expect(
      exported.packages.map(({ ecosystem, name, version, standing }) => [ecosystem, name, version, standing]),
    ).toEqual([
      ['conda', '_libgcc_mutex', '0.1', 'observed'],
      ['conda', 'python', '3.12.0', 'observed'],
      ['conda', 'tzdata', '2023c', 'observed'],
      ['pypi', 'mne', '1.6.0', 'observed'],
      ['pypi', 'contourpy', '1.2.0', 'observed'],
      ['pypi', 'eegtool', null, 'observed'],
    ]);
  });

  it('says that the channels are unknown where none are named', () => {
    const spec = extract('dependencies:\n  - numpy\n', 'environment.yml');

    expect(spec?.problems.map(({ reason }) => reason)).toEqual(['dynamic-value']);
    expect(spec?.packages.map(({ name }) => name)).toEqual(['numpy']);
  });

  it('reads one string in the place of the pip list', () => {
    expect(extract('dependencies:\n  - python\n  - pip: -r requirements.txt\n', 'environment.yml')?.references).toEqual(
      ['requirements.txt'],
    );
  });

  it('says that a mapping in the place of the pip list is not read', () => {
    const spec = extract('channels: [lab]\ndependencies:\n  - python\n  - pip:\n      mne: 1.6.0\n', 'environment.yml');

    expect(spec?.packages.map(({ name }) => name)).toEqual(['python']);
    expect(spec?.problems.map(({ reason, line }) => [reason, line])).toEqual([['syntax-invalid', 4]]);
  });

  it('reads an export in JSON', () => {
    const json = '{\n  "channels": [\n    "lab"\n  ],\n  "dependencies": [\n    "zlib=1.3=h1_0"\n  ]\n}\n';

    expect(extract(json, 'environment.json')?.packages).toMatchObject([
      { name: 'zlib', version: '1.3', build: 'h1_0', standing: 'observed', line: 6 },
    ]);
    expect(extract('{"dependencies": {"vega": "^5.0.0"}}', 'package.json')).toBeNull();
  });

  it.each([
    ['a=1.2=0', '1.2', '0'],
    ['a = 1.2', null, null],
    ['a=1.2=py*', '1.2', null],
    ['a=1.2.*=0', null, null],
    ['a==1.2', '1.2', null],
    ['a==1.*', null, null],
    ['a>=1.2', null, null],
    ['a 1.2', null, null],
    ['a=1.2|1.3', null, null],
  ])('reads %s as version %s, build %s', (entry, version, build) => {
    expect(packagesOf(`"${entry}"`)).toMatchObject([{ name: 'a', version, build }]);
  });

  it.each([
    ['a Helm chart', 'dependencies:\n  - name: redis\n    version: 1.0.0\n'],
    ['a mapping of dependencies', 'dependencies:\n  http: ^1.0.0\n'],
    ['broken YAML of another kind', 'dependencies: [\n'],
    ['a list of conda packages', '# packages in environment at /opt\nnumpy 1.26 py310_0\n'],
  ])('is not %s', (_, content) => {
    expect(extract(content, 'Chart.yaml')).toBeNull();
  });

  it('refuses dependencies that are no list, where channels leave no doubt', () => {
    expect(() => extract('channels:\n  - lab\ndependencies:\n  numpy: 1.26\n', 'x')).toThrow(
      expect.objectContaining({ reason: 'syntax-invalid', line: 4 }),
    );
  });

  it('refuses broken YAML that has the name or the marks of the format', () => {
    expect(() => extract('dependencies: [\n', 'environment.yml')).toThrow(FormatError);
    expect(() => extract('channels: [a]\ndependencies: [\n', 'x')).toThrow(FormatError);
  });
});

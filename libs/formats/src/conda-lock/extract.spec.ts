import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { extract } from './extract.js';

const content = readFileSync(new URL('./__fixtures__/conda-lock.yml', import.meta.url), 'utf8');
const spec = extract(content, 'conda-lock.yml')!;
const lock = (entries: string) => extract(`version: 1\nmetadata: {}\npackage:\n${entries}`, 'x.yml');

describe('formats/conda-lock/extract', () => {
  it('keeps the entries of each platform and category apart', () => {
    expect(
      spec.packages.map(({ ecosystem, name, version, build, marker, group, line }) => [
        [ecosystem, name, version, build].join(' '),
        marker,
        group,
        line,
      ]),
    ).toEqual([
      ['conda python 3.10 hd12c33a_0_cpython', 'platform=linux-64', null, 18],
      ['conda python 3.10 h2469fbe_0_cpython', 'platform=osx-arm64', null, 32],
      ['conda pytest 8.3.2 pyhd8ed1ab_0', 'platform=linux-64', 'dev', 43],
      ['pypi mne 1.6.0 ', 'platform=linux-64', null, 53],
      ['pypi cowsay 6.1 ', 'platform=linux-64', null, 64],
      ['pypi Eeg.Tool 0.3.0 ', 'platform=linux-64', null, 77],
    ]);
  });

  it('names the file in the purl of conda, and the place of what comes from no index', () => {
    expect(spec.packages.map(({ purl, skipReason }) => [purl, skipReason])).toEqual([
      ['pkg:conda/python@3.10?build=hd12c33a_0_cpython&channel=conda-forge&subdir=linux-64&type=conda', null],
      ['pkg:conda/python@3.10?build=h2469fbe_0_cpython&channel=conda-forge&subdir=osx-arm64&type=conda', null],
      ['pkg:conda/pytest@8.3.2?build=pyhd8ed1ab_0&channel=lab&subdir=noarch&type=tar.bz2', null],
      ['pkg:pypi/mne@1.6.0', null],
      [
        'pkg:pypi/cowsay@6.1?download_url=https:%2F%2Fgit.example.org%2Flab%2Fcowsay%2Farchive%2Fv6.1.tar.gz',
        'url-source',
      ],
      [
        'pkg:pypi/eeg-tool@0.3.0?vcs_url=git%2Bhttps:%2F%2Fgit.example.org%2Flab%2Feegtool.git%4034d90eaf81fa042ace51ec27af28b1e487c79f32',
        'vcs-source',
      ],
    ]);
  });

  it('keeps digests in lower case and leaves out what is none', () => {
    expect(spec.packages[1]?.hashes).toEqual([
      'md5:73aaf86a425cc6e73fcf236a5a46396d',
      'sha256:fbe2c5e56a653bebb982eda4876a9178aedfc2b545f25d0ce9c4c0b508253d22',
    ]);
    expect(spec.packages[2]?.hashes).toEqual([]);
  });

  it('makes a problem of a wrong digest, another file, a foreign manager and an entry without a name', () => {
    expect(spec.problems.map(({ reason, line }) => [reason, line])).toEqual([
      ['syntax-invalid', 43],
      ['version-invalid', 43],
      ['unsupported-installer', 87],
      ['name-invalid', 91],
    ]);
  });

  it('names the language once, the channels in order and the source files', () => {
    expect(spec.runtimes).toEqual([{ name: 'python', version: '3.10', specifier: null, line: 18 }]);
    expect(spec.sources).toEqual(['conda-forge', 'https://conda.example.org/lab']);
    expect(spec.references).toEqual(['environment.yml']);
  });

  it('reports secrets by line and repeats none', () => {
    expect(spec.secrets).toEqual([
      { kind: 'token', line: 10 },
      { kind: 'token', line: 43 },
      { kind: 'url-credentials', line: 77 },
    ]);
    expect(JSON.stringify(spec)).not.toMatch(/tk-12345|s3cret/);
  });

  it('reads the shape that pixi wrote in version 3', () => {
    const old = extract(
      `version: 3
metadata:
  channels: []
package:
- platform: linux-64
  name: aom
  version: 3.5.0
  category: main
  manager: conda
  dependencies:
  - libgcc-ng >=12
  url: https://conda.example.org/conda-forge/linux-64/aom-3.5.0-h27087fc_0.tar.bz2
  hash:
    md5: a08150fd2298460cd1fcccf626305642
  build: h27087fc_0
  subdir: linux-64
`,
      'pixi.lock',
    );

    expect(old?.packages).toMatchObject([{ name: 'aom', version: '3.5.0', build: 'h27087fc_0', group: null }]);
    expect(old?.problems).toEqual([]);
  });

  it('fixes nothing where the entry does not', () => {
    const read = lock(
      '- name: numpy\n  manager: conda\n- name: scipy\n  manager: pip\n- name: a\n  version: 1.*\n  manager: conda\n',
    );

    expect(read?.packages.map(({ name, version, skipReason }) => [name, version, skipReason])).toEqual([
      ['numpy', null, 'no-version'],
      ['scipy', null, 'no-version'],
      ['a', null, 'version-range'],
    ]);
  });

  it('says that a version of the format is not known', () => {
    const read = extract(`version: 9\nmetadata: {}\npackage: []\n`, 'conda-lock.yml');

    expect(read?.problems).toMatchObject([{ reason: 'unsupported-option', line: 1 }]);
  });

  it('reads aliases, and a file of several megabytes', () => {
    const shared = lock('- &a\n  name: a\n  version: 1.0\n- *a\n');
    const many = Array.from(
      { length: 20_000 },
      (_, i) => `- name: p${i}\n  version: '1.${i}'\n  manager: conda\n`,
    ).join('');

    expect(shared?.packages.map(({ version }) => version)).toEqual(['1.0', '1.0']);
    expect(lock(many)?.packages.at(-1)?.version).toBe('1.19999');
  });

  it('refuses a long file in a style that programs do not write', () => {
    const flow = `- {name: a, manager: conda}\n`.repeat(20_000);

    expect(() => lock(`- name: b\n  manager: conda\n${flow}`)).toThrow(
      expect.objectContaining({ reason: 'limit-exceeded', line: 6 }),
    );
  });

  it.each([
    ['a conda recipe', 'package:\n  name: a\n  version: 1.0\nmetadata: {}\n'],
    ['a list without metadata', 'package:\n- name: a\n'],
    ['broken YAML of another kind', 'metadata: [\npackage:\n'],
  ])('is not %s', (_, text) => {
    expect(extract(text, 'meta.yaml')).toBeNull();
  });
});

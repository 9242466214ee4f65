import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { extract } from './extract.js';

const lock = extract(readFileSync(new URL('./__fixtures__/uv.lock', import.meta.url), 'utf8'), 'uv.lock')!;
const HEAD = 'version = 1\nrequires-python = ">=3.11"\n';

describe('formats/uv-lock/extract', () => {
  it('names packages with version, line and reason, the project among them', () => {
    expect(lock.packages.map((each) => [each.name, each.version, each.line, each.standing, each.skipReason])).toEqual([
      ['numpy', '1.26.4', 13, 'locked', null],
      ['numpy', '2.1.0', 27, 'locked', null],
      ['eeg-tools', '0.3.1.dev4', 36, 'locked', 'vcs-source'],
      ['atlas', '1.0', 41, 'locked', 'url-source'],
      ['offline', '0.1', 47, 'locked', 'local-path'],
      ['study', null, 52, 'locked', 'local-path'],
      ['study-tools', '0.0.1', 56, 'locked', 'local-path'],
    ]);
  });

  it('names what can be had from elsewhere by purl', () => {
    expect(lock.packages.map(({ purl }) => purl)).toEqual([
      'pkg:pypi/numpy@1.26.4',
      'pkg:pypi/numpy@2.1.0',
      'pkg:pypi/eeg-tools@0.3.1.dev4?vcs_url=git%2Bhttps:%2F%2Fgit.example.org%2Flab%2Feeg.git%400123456789abcdef0123456789abcdef01234567#py',
      'pkg:pypi/atlas@1.0?download_url=https:%2F%2Ffiles.example.org%2Fatlas-1.0.tar.gz',
      null,
      null,
      null,
    ]);
  });

  it('keeps hashes once each, and the forks as a marker', () => {
    expect(lock.packages[0]?.hashes).toEqual(['sha256:aa00', 'sha256:bb11']);
    expect(lock.packages.slice(0, 3).map(({ marker }) => marker)).toEqual([
      "(sys_platform != 'linux' and python_full_version >= '3.12') or (sys_platform != 'linux')",
      "sys_platform == 'linux'",
      null,
    ]);
  });

  it('tells the Python and the indexes, and repeats no secret', () => {
    expect(lock.runtimes).toEqual([{ name: 'python', version: null, specifier: '>=3.11', line: 4 }]);
    expect(lock.sources).toEqual(['https://index.example.org/simple']);
    expect(lock.secrets).toEqual([{ kind: 'url-credentials', line: 13 }]);
    expect(JSON.stringify(lock)).not.toContain('s3cret');
  });

  it('reads what uv wrote before its packages had that name', () => {
    const early = extract(readFileSync(new URL('./__fixtures__/uv-0.2.lock', import.meta.url), 'utf8'), 'uv.lock')!;

    expect(early.packages.map((each) => [each.name, each.version, each.line, each.skipReason, each.hashes])).toEqual([
      ['anyio', '3.7.0', 5, null, ['sha256:aa01', 'sha256:aa02']],
      ['eegtool', '0.4', 26, 'vcs-source', []],
      ['atlas', '1.0', 32, 'url-source', ['sha256:bb01']],
      ['study', '0.1.0', 38, 'local-path', []],
      ['local', '0.2', 43, 'local-path', []],
      ['idna', '3.6', 48, null, ['sha256:cc01']],
    ]);
    expect(early.packages.slice(0, 3).map(({ purl }) => purl)).toEqual([
      'pkg:pypi/anyio@3.7.0',
      'pkg:pypi/eegtool@0.4?vcs_url=git%2Bhttps:%2F%2Fgit.example.org%2Flab%2Feeg.git%400123456789abcdef0123456789abcdef01234567',
      'pkg:pypi/atlas@1.0?download_url=https:%2F%2Ffiles.example.org%2Fatlas-1.0.tar.gz%3Fsubdirectory%3Dpy#py',
    ]);
    expect(early.packages.map(({ marker }) => marker)).toEqual([
      "sys_platform == 'darwin'",
      null,
      null,
      null,
      null,
      "python_version < '3.12'",
    ]);
    expect([early.sources, early.problems]).toEqual([['https://index.example.org/simple'], []]);
  });

  it('says that it does not know the kind of an early source', () => {
    const spec = extract('version = 1\n[[distribution]]\nname = "a"\nversion = "1"\nsource = "tape+x"\n', 'x.lock');

    expect(spec?.problems.map(({ reason, line }) => [reason, line])).toEqual([['unsupported-option', 2]]);
    expect(spec?.packages).toMatchObject([{ name: 'a', version: '1', purl: null }]);
  });

  it('reads a lock without packages', () => {
    expect(extract(HEAD, 'uv.lock')?.packages).toEqual([]);
  });

  it('says that it does not know a version, a source or a package without name', () => {
    const text = `${HEAD.replace('1', '2')}[[package]]\nname = "a"\nversion = "1"\nsource = { tape = "x" }\n[[package]]\n`;
    const spec = extract(text, 'uv.lock');

    expect(spec?.problems.map(({ reason, line }) => [reason, line])).toEqual([
      ['unsupported-option', 1],
      ['unsupported-option', 3],
      ['name-invalid', 7],
    ]);
    expect(spec?.packages.map(({ name, version, purl }) => [name, version, purl])).toEqual([['a', '1', null]]);
  });

  it('makes no version of a number', () => {
    const text = `${HEAD}[[package]]\nname = "a"\nversion = 1.10\nsource = { registry = "https://index.example.org" }\n`;

    expect(extract(text, 'uv.lock')?.packages).toMatchObject([
      { version: null, purl: null, skipReason: 'version-invalid' },
    ]);
  });

  it.each([
    [
      'a lock of Rust',
      'version = 4\n[[package]]\nname = "a"\nversion = "1.0.0"\nsource = "registry+https://index.example.org"\n',
    ],
    ['a lock of Poetry', '[[package]]\nname = "a"\nversion = "1.0.0"\n[metadata]\ncontent-hash = "x"\n'],
    ['some TOML', 'version = 1\nname = "x"\n'],
    ['broken text that says nothing of uv', 'version = 1\n[broken\n'],
  ])('is not %s', (_, text) => {
    expect(extract(text, 'other.lock')).toBeNull();
  });
});

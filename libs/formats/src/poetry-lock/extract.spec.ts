import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { extract } from './extract.js';

const read = (name: string) =>
  extract(readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url), 'utf8'), 'poetry.lock')!;
const lock = read('poetry.lock');

describe('formats/poetry-lock/extract', () => {
  it('names packages with version, line, group and reason', () => {
    expect(lock.packages.map((each) => [each.name, each.version, each.line, each.group, each.skipReason])).toEqual([
      ['numpy', '1.26.4', 4, 'main, docs', null],
      ['Plot_Tools', '0.9', 20, 'main, dev, optional', null],
      ['eeg-tools', '0.3.1', 37, 'dev', 'vcs-source'],
      ['atlas', '1.0', 53, 'main', 'url-source'],
      ['study-tools', '0.0.1', 62, 'main', 'local-path'],
    ]);
    expect(new Set(lock.packages.map(({ standing }) => standing))).toEqual(new Set(['locked']));
  });

  it('names what can be had from elsewhere by purl', () => {
    expect(lock.packages.map(({ purl }) => purl)).toEqual([
      'pkg:pypi/numpy@1.26.4',
      'pkg:pypi/plot-tools@0.9',
      'pkg:pypi/eeg-tools@0.3.1?vcs_url=git%2Bssh:%2F%2Fgit%40git.example.org%2Flab%2Feeg.git%400123456789abcdef0123456789abcdef01234567#py',
      'pkg:pypi/atlas@1.0?download_url=https:%2F%2Ffiles.example.org%2Fatlas-1.0.zip',
      null,
    ]);
  });

  it('keeps markers, one or one for each group', () => {
    expect(lock.packages.slice(0, 3).map(({ marker }) => marker)).toEqual([
      'python_version < "3.13"',
      '(extra == "plot") or (sys_platform == "linux")',
      null,
    ]);
  });

  it('has no marker when a group takes the package always', () => {
    const text =
      '[[package]]\nname="a"\nversion="1"\noptional=false\ngroups=["main","dev"]\n[package.markers]\ndev="x"\n';

    expect(extract(text, 'poetry.lock')?.packages[0]?.marker).toBeNull();
  });

  it('keeps the hashes beside the package', () => {
    expect(lock.packages[0]?.hashes).toEqual(['sha256:aa00', 'sha256:bb11']);
  });

  it('tells the Python and the index, and repeats no secret', () => {
    expect(lock.runtimes).toEqual([{ name: 'python', version: null, specifier: '>=3.9,<4.0', line: 73 }]);
    expect(lock.sources).toEqual(['https://index.example.org/simple']);
    expect(lock.secrets).toEqual([{ kind: 'url-credentials', line: 20 }]);
    expect(JSON.stringify(lock)).not.toContain('s3cret');
  });

  it('gives each version of a name its own of the shared hashes', () => {
    expect(read('old-poetry.lock').packages.map(({ version, group, hashes }) => [version, group, hashes])).toEqual([
      ['0.4.4', 'dev', ['sha256:aa00', 'sha256:bb11']],
      ['0.4.6', 'main', ['sha256:cc22']],
    ]);
  });

  it('finds the hashes of the oldest locks', () => {
    expect(read('ancient-poetry.lock').packages.map(({ name, hashes }) => [name, hashes])).toEqual([
      ['six', ['sha256:aa00', 'sha256:bb11']],
    ]);
  });

  it('reads a lock without packages, and says that it does not know a version', () => {
    const spec = extract('package = []\n[metadata]\nlock-version = "9.0"\npython-versions = "*"\n', 'x.lock');

    expect(spec?.packages).toEqual([]);
    expect(spec?.problems).toMatchObject([{ reason: 'unsupported-option', line: 3 }]);
  });

  it.each([
    ['a lock of Rust', '[[package]]\nname = "a"\nversion = "1.0.0"\n[metadata]\n"checksum a 1.0.0 (x)" = "y"\n'],
    ['a lock of uv', 'version = 1\n[[package]]\nname = "a"\nversion = "1"\nsource = { registry = "x" }\n'],
    ['broken text that says nothing of Poetry', '[[package]]\nname = \n'],
  ])('is not %s', (_, text) => {
    expect(extract(text, 'Cargo.lock')).toBeNull();
  });
});

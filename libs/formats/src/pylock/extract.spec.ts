import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { extract } from './extract.js';

const lock = extract(readFileSync(new URL('./__fixtures__/pylock.toml', import.meta.url), 'utf8'), 'pylock.toml')!;

describe('formats/pylock/extract', () => {
  it('names packages with version, line, marker and reason', () => {
    expect(lock.packages.map((each) => [each.name, each.version, each.line, each.marker, each.skipReason])).toEqual([
      ['attrs', '25.1.0', 9, null, null],
      ['numpy', '2.0.2', 19, "python_version < '3.13'", null],
      ['numpy', '2.2.0', 29, "python_version >= '3.13' and 'test' in dependency_groups", null],
      ['eeg-tools', null, 34, null, 'vcs-source'],
      ['atlas', null, 38, null, 'url-source'],
      ['study', null, 42, null, 'local-path'],
      ['offline', '0.1', 46, null, 'local-path'],
    ]);
    expect(new Set(lock.packages.map(({ standing }) => standing))).toEqual(new Set(['locked']));
  });

  it('names what can be had from elsewhere by purl', () => {
    expect(lock.packages.map(({ purl }) => purl)).toEqual([
      'pkg:pypi/attrs@25.1.0',
      'pkg:pypi/numpy@2.0.2',
      'pkg:pypi/numpy@2.2.0',
      'pkg:pypi/eeg-tools?vcs_url=git%2Bhttps:%2F%2Fgit.example.org%2Flab%2Feeg.git%400123456789abcdef0123456789abcdef01234567#py',
      'pkg:pypi/atlas?download_url=https:%2F%2Ffiles.example.org%2Fatlas.zip',
      null,
      null,
    ]);
  });

  it('takes no text for no version, and says so', () => {
    const spec = extract('lock-version = "1.0"\n[[packages]]\nname = "numpy"\nversion = ""\n', 'pylock.toml');

    expect(spec?.packages).toMatchObject([{ name: 'numpy', version: null, skipReason: 'version-invalid' }]);
  });

  it.each(['name = ""', 'version = "1.0"'])('makes no package of one without a name: %s', (field) => {
    const spec = extract(`lock-version = "1.0"\n[[packages]]\n${field}\n`, 'pylock.toml');

    expect(spec?.packages).toEqual([]);
    expect(spec?.problems).toEqual([{ reason: 'name-invalid', message: 'The package has no name.', line: 2 }]);
  });

  it('keeps hashes of every kind', () => {
    expect(lock.packages.map(({ hashes }) => hashes)).toEqual([
      ['sha256:aa00', 'md5:bb11'],
      ['sha256:cc22'],
      [],
      [],
      ['sha256:dd33'],
      [],
      ['sha256:ee44'],
    ]);
  });

  it('tells the Python and the index, and repeats no secret', () => {
    expect(lock.runtimes).toEqual([{ name: 'python', version: null, specifier: '>=3.12', line: 4 }]);
    expect(lock.sources).toEqual(['https://index.example.org/simple']);
    expect(lock.secrets).toEqual([{ kind: 'url-credentials', line: 9 }]);
    expect(JSON.stringify(lock)).not.toContain('s3cret');
  });

  it('says that it does not know a lock-version, and what is no package', () => {
    const spec = extract('lock-version = "2.0"\n[[packages]]\nversion = "1"\n[[packages]]\nname = "a b"\n', 'x.toml');

    expect(spec?.problems.map(({ reason, line }) => [reason, line])).toEqual([
      ['unsupported-option', 1],
      ['name-invalid', 2],
    ]);
    expect(spec?.packages.map(({ name, skipReason }) => [name, skipReason])).toEqual([['a b', 'name-invalid']]);
  });

  it.each([
    ['a lock of Poetry', '[[package]]\nname = "a"\n[metadata]\nlock-version = "2.1"\n', 'poetry.lock'],
    ['other TOML under its name', 'packages = 1\n', 'pylock.toml'],
  ])('is not %s', (_, text, path) => {
    expect(extract(text, path)).toBeNull();
  });
});

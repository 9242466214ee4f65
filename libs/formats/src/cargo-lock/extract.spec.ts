import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cargoLockFormat } from './index.js';

const fixture = (name: string): string => readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url), 'utf8');
const read = (content: string, path = 'Cargo.lock') => cargoLockFormat.extract(content, path);
const lock = (crate: string): string => `version = 4\n\n[[package]]\n${crate}\n`;
const CRATES_IO = 'registry+https://github.com/rust-lang/crates.io-index';

describe('formats/cargo-lock/extract', () => {
  it('names every crate with version, origin and line', () => {
    const packages = read(fixture('Cargo.lock'))?.packages;

    const commit = '73e1f315cc2b38458becda9b62d4dc17686af781';
    expect(
      packages?.map(({ name, version, purl, skipReason, line }) => [name, version, purl, skipReason, line]),
    ).toEqual([
      ['analysis', '0.1.0', null, 'local-path', 5],
      [
        'fork',
        '2.0.0-alpha.1+build.5',
        `pkg:cargo/fork@2.0.0-alpha.1%2Bbuild.5?vcs_url=git%2Bhttps:%2F%2Fgit.example.org%2Flab%2Ffork%40${commit}`,
        null,
        10,
      ],
      [
        'inhouse',
        '1.2.3',
        'pkg:cargo/inhouse@1.2.3?repository_url=https:%2F%2Fcrates.lab.example.org%2Findex%2F',
        null,
        15,
      ],
      ['moving', '0.2.0', null, 'vcs-source', 21],
      ['ndarray', '0.15.6', 'pkg:cargo/ndarray@0.15.6', null, 26],
    ]);
  });

  it('keeps registries and checksums, and never repeats credentials', () => {
    const spec = read(fixture('Cargo.lock'));

    expect(spec?.sources).toEqual(['sparse+https://crates.lab.example.org/index/', CRATES_IO]);
    expect(spec?.packages.at(-1)?.hashes).toEqual([
      'sha256:adb12d4e967ec485a5f71c6311fe28158e9d6f4bc4a447b474184d0f91a8fa32',
    ]);
    expect(spec?.secrets).toEqual([{ kind: 'url-credentials', line: 15 }]);
    expect(JSON.stringify(spec)).not.toContain('s3cret');
  });

  it('reads version 1: the project apart, checksums in [metadata]', () => {
    const packages = read(fixture('old-Cargo.lock'), 'x.lock')?.packages;

    expect(packages?.map(({ name, version, hashes, line }) => [name, version, hashes, line])).toEqual([
      ['analysis', '0.1.0', [], 1],
      ['libc', '0.2.54', ['sha256:c6785aa7dd976f5fbf3b71cfd9cd49d7f783c1ff565a858d71031c6c313aa5c6'], 6],
      ['winapi', '0.3.8', [], 11],
    ]);
  });

  it('knows crates.io by its index over HTTP', () => {
    const [crate] =
      read(lock('name = "a"\nversion = "1.0.0"\nsource = "sparse+https://index.crates.io/"'))?.packages ?? [];

    expect(crate?.purl).toBe('pkg:cargo/a@1.0.0');
  });

  it.each([
    ['no version', `name = "a"\nsource = "${CRATES_IO}"`, null, 'no-version'],
    ['a version that is a number', `name = "a"\nversion = 1.0\nsource = "${CRATES_IO}"`, null, 'no-version'],
    ['a range', `name = "a"\nversion = "^1.0"\nsource = "${CRATES_IO}"`, null, 'version-invalid'],
    ['a name outside the grammar', `name = "a b"\nversion = "1.0.0"\nsource = "${CRATES_IO}"`, '1.0.0', 'name-invalid'],
    ['an unknown source', 'name = "a"\nversion = "1.0.0"\nsource = "pigeon+x"', '1.0.0', 'unsupported-installer'],
    ['a vendored folder', 'name = "a"\nversion = "1.0.0"\nsource = "directory+file:///x"', '1.0.0', 'local-path'],
  ])('keeps a crate with %s, with a reason', (_, crate, version, reason) => {
    const [entry] = read(lock(crate))?.packages ?? [];

    expect([entry?.version, entry?.purl, entry?.skipReason]).toEqual([version, null, reason]);
  });

  it('reports what is not understood and reads on', () => {
    const spec = read(
      'version = 9\n[[package]]\nversion = "1.0.0"\n[[package]]\nname = "a"\nversion = "1.0.0"\nchecksum = "12"\n',
    );

    expect(spec?.packages.map(({ name, hashes }) => [name, hashes])).toEqual([['a', []]]);
    expect(spec?.problems.map(({ reason, line }) => [reason, line])).toEqual([
      ['unsupported-option', 1],
      ['name-invalid', 2],
      ['syntax-invalid', 4],
    ]);
  });

  it.each([
    ['poetry.lock', '[[package]]\nname = "a"\nversion = "1.0"\n\n[metadata]\npython-versions = "*"\n'],
    ['uv.lock', 'version = 1\nrequires-python = ">=3.9"\n[[package]]\nname = "a"\nsource = { registry = "x" }\n'],
    ['Cargo.toml', '[package]\nname = "a"\n'],
    ['empty.lock', ''],
  ])('leaves %s to other formats', (path, content) => {
    expect(read(content, path)).toBeNull();
  });
});

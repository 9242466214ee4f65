import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { extract } from './extract.js';

const fixture = (name: string) =>
  extract(readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url), 'utf8'), name)!;
const spec = fixture('Manifest.toml');
const old = fixture('JuliaManifest.toml');
const UUID = '7876af07-990d-54b4-ab0e-23690620f79a';

describe('formats/julia-manifest/extract', () => {
  it('takes a version only where one is written', () => {
    const rows = spec.packages.map(({ name, version, standing, skipReason, line }) => [
      name,
      version,
      standing,
      skipReason,
      line,
    ]);

    expect(rows).toEqual([
      ['Base64', '1.11.0', 'locked', null, 11],
      ['Dates', null, 'locked', 'no-version', 15],
      ['Eeg', '0.5.3', 'locked', 'vcs-source', 19],
      ['Pkg', '1.11.0', 'locked', null, 28],
      ['Pkg', '1.0.0', 'locked', 'local-path', 34],
      ['Plots', '1.40.4+0', 'locked', null, 39],
      ['Range', null, 'declared', 'version-invalid', 45],
      ['Stray', '1.0.0', 'locked', null, 50],
    ]);
    expect(spec.packages[6]?.specifier).toBe('^1.2');
  });

  it('tells packages of one name apart by their UUID', () => {
    expect(spec.packages.map(({ purl }) => purl)).toEqual([
      'pkg:julia/Base64@1.11.0?uuid=2a0f44e3-6c83-55bd-87e4-b1978d98bd5f',
      'pkg:julia/Dates?uuid=ade2ca70-3891-5945-98fb-dc099432e06a',
      `pkg:julia/Eeg@0.5.3?uuid=${UUID}&vcs_url=git%2Bhttps:%2F%2Fgit.example.org%2Flab%2FEeg.jl.git%40main`,
      'pkg:julia/Pkg@1.11.0?uuid=44cfe95a-1eb2-52ea-b672-e2afdf69b78f',
      null,
      'pkg:julia/Plots@1.40.4%2B0?uuid=91a5bcdd-55d7-5caf-9e0b-520d859cae80',
      'pkg:julia/Range?uuid=91a5bcdd-55d7-5caf-9e0b-520d859cae80',
      null,
    ]);
  });

  it('says where a package is: in Julia, in a tree, in a repository, in a folder', () => {
    expect(spec.packages.slice(0, 6).map(({ source }) => source)).toEqual([
      'julia 1.11.7',
      'julia 1.11.7',
      'swh:1:dir:46e44e869b4d90b96bd8ed1fdcf32244fddfb6cc;origin=https://git.example.org/lab/Eeg.jl.git;path=/lib/Eeg',
      'julia 1.11.7',
      '../Pkg',
      'swh:1:dir:c69698c3d4a7255bc1b4bc2afc09f59db910243b',
    ]);
    expect(spec.packages.flatMap(({ hashes }) => hashes)).toEqual([]);
  });

  it('makes a problem of a tree, a UUID and a version that are none', () => {
    expect(spec.problems.map(({ reason, line }) => [reason, line])).toEqual([
      ['syntax-invalid', 45],
      ['duplicate-entry', 45],
      ['syntax-invalid', 50],
    ]);
  });

  it('names Julia and the registries, without their passwords', () => {
    expect(spec.runtimes).toEqual([{ name: 'julia', version: '1.11.7', specifier: null, line: 3 }]);
    expect(spec.sources).toEqual(['https://git.example.org/lab/registry.git']);
    expect(spec.secrets).toEqual([{ kind: 'url-credentials', line: 7 }]);
    expect(JSON.stringify(spec)).not.toContain('s3cret');
  });

  it('reads format 1.0, which has no header', () => {
    expect(
      old.packages.map(({ name, version, standing, skipReason, line }) => [name, version, standing, skipReason, line]),
    ).toEqual([
      ['Bar', null, 'declared', 'local-path', 1],
      ['Baz', null, 'locked', 'no-version', 7],
      ['Dates', null, 'declared', 'no-version', 11],
    ]);
    expect(old.runtimes).toEqual([]);
  });

  it('reads an unknown format, and says that it is unknown', () => {
    const read = extract(
      `manifest_format = "3.0"\n[[deps.Eeg]]\nuuid = "${UUID}"\nversion = "1.0.0"\n[deps.Odd]\nuuid = "x"\n`,
      'x.toml',
    );

    expect(read?.packages.map(({ name, version }) => [name, version])).toEqual([['Eeg', '1.0.0']]);
    expect(read?.problems.map(({ reason, line }) => [reason, line])).toEqual([
      ['unsupported-option', 1],
      ['syntax-invalid', 5],
    ]);
  });

  it('reads a Manifest without packages', () => {
    const comment = '# This file is machine-generated - editing it directly is not advised\n';

    expect(extract(`${comment}manifest_format = "2.0"\n[deps]\n`, 'a.toml')?.packages).toEqual([]);
    expect(extract(comment, 'env/Manifest-v1.11.toml')?.packages).toEqual([]);
    expect(extract(comment, 'other.toml')).toBeNull();
  });

  it.each([
    ['poetry.lock', '[[package]]\nname = "a"\nversion = "1.0"\n'],
    ['a list with ids', '[[a]]\nuuid = "no"\n'],
    ['a mixture', `[[Eeg]]\nuuid = "${UUID}"\n[[b]]\nc = 1\n`],
    ['broken TOML of another kind', '[[a]]\nuuid = \n'],
  ])('is not %s', (_, content) => {
    expect(extract(content, 'some.toml')).toBeNull();
  });
});

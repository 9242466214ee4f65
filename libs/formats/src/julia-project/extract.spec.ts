import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { extract } from './extract.js';

const spec = extract(readFileSync(new URL('./__fixtures__/Project.toml', import.meta.url), 'utf8'), 'Project.toml')!;

describe('formats/julia-project/extract', () => {
  it('declares the dependencies, and fixes none', () => {
    expect(
      spec.packages.map(({ name, version, specifier, standing, skipReason, line }) => [
        name,
        version,
        specifier,
        standing,
        skipReason,
        line,
      ]),
    ).toEqual([
      ['Dates', null, null, 'declared', 'no-version', 6],
      ['Eeg', null, null, 'declared', 'vcs-source', 7],
      ['Local', null, null, 'declared', 'local-path', 8],
      ['Plots', null, '=1.40.4', 'declared', 'version-range', 9],
      ['Wrong', null, null, 'declared', 'no-version', 10],
    ]);
  });

  it('names packages by their UUID', () => {
    expect(spec.packages.map(({ purl }) => purl)).toEqual([
      'pkg:julia/Dates?uuid=ade2ca70-3891-5945-98fb-dc099432e06a',
      'pkg:julia/Eeg?uuid=7876af07-990d-54b4-ab0e-23690620f79a',
      null,
      'pkg:julia/Plots?uuid=91a5bcdd-55d7-5caf-9e0b-520d859cae80',
      null,
    ]);
    expect(spec.problems.map(({ reason, line }) => [reason, line])).toEqual([['syntax-invalid', 10]]);
  });

  it('keeps sources without their passwords, and the range of Julia', () => {
    expect(spec.packages.map(({ source }) => source)).toEqual([
      null,
      'https://git.example.org/lab/Eeg.jl#1b7a462',
      '../Local',
      null,
      null,
    ]);
    expect(spec.secrets).toEqual([{ kind: 'url-credentials', line: 13 }]);
    expect(spec.runtimes).toEqual([{ name: 'julia', version: null, specifier: '1.10, 1.11', line: 18 }]);
    expect(JSON.stringify(spec)).not.toContain('s3cret');
  });

  it('reads a project that asks for nothing', () => {
    expect(extract('[deps]\n', 'binder/Project.toml')?.packages).toEqual([]);
    expect(extract('name = "A"\nuuid = "864d8eef-2526-4817-933e-34008eadd182"\n', 'a.toml')?.packages).toEqual([]);
  });

  it.each([
    ['other dependencies', '[deps]\nhttp = "1.0"\n'],
    ['a table of tables', '[deps.http]\nversion = "1.0"\n'],
    ['an empty table of any name', '[deps]\n'],
    ['broken TOML of another kind', '[deps]\na = \n'],
  ])('is not %s', (_, content) => {
    expect(extract(content, 'some.toml')).toBeNull();
  });
});

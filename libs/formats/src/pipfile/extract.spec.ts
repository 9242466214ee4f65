import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { extract } from './extract.js';

const spec = extract(readFileSync(new URL('./__fixtures__/Pipfile', import.meta.url), 'utf8'), 'Pipfile')!;

describe('formats/pipfile/extract', () => {
  it('names what every section declares', () => {
    expect(
      spec.packages.map((each) => [each.group, each.name, each.version, each.specifier, each.line, each.skipReason]),
    ).toEqual([
      ['packages', 'numpy', '1.26.4', '==1.26.4', 8, null],
      ['packages', 'scipy', null, '>=1.11,<2', 9, 'version-range'],
      ['packages', 'tqdm', null, null, 10, 'no-version'],
      ['packages', 'Records', null, '[pandas]~=0.5', 11, 'version-range'],
      ['packages', 'eeg-tools', null, null, 12, 'vcs-source'],
      ['packages', 'study', null, null, 14, 'local-path'],
      ['dev-packages', 'pytest', null, null, 19, 'no-version'],
      ['docs', 'sphinx', null, '==7.*', 22, 'version-range'],
    ]);
    expect(new Set(spec.packages.map(({ standing }) => standing))).toEqual(new Set(['declared']));
  });

  it('keeps marker and index', () => {
    expect(spec.packages[3]).toMatchObject({
      marker: "python_version >= '3.9'",
      source: 'https://index.example.org/simple',
    });
  });

  it('tells the Python and the index, and repeats no secret', () => {
    expect(spec.runtimes).toEqual([{ name: 'python', version: null, specifier: '3.11', line: 25 }]);
    expect(spec.sources).toEqual(['https://index.example.org/simple']);
    expect(spec.secrets).toEqual([{ kind: 'url-credentials', line: 2 }]);
    expect(JSON.stringify(spec)).not.toContain('s3cret');
  });

  it.each([
    ['other TOML', '[packages]\na = "1"\n', 'x.toml'],
    ['an empty file of its name', '', 'Pipfile'],
  ])('is not %s', (_, text, path) => {
    expect(extract(text, path)).toBeNull();
  });
});

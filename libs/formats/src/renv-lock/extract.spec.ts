import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renvLockFormat } from './index.js';

const fixture = readFileSync(new URL('./__fixtures__/renv.lock', import.meta.url), 'utf8');
const read = (content: string, path = 'renv.lock') => renvLockFormat.extract(content, path);
const lock = (packages: string): string => `{"R":{"Version":"4.3.1"},"Packages":{${packages}}}`;

describe('formats/renv-lock/extract', () => {
  it('names every package with version, origin and line', () => {
    const packages = read(fixture)?.packages.map((each) => [
      each.name,
      each.version,
      each.purl,
      each.source,
      each.skipReason,
      each.line,
    ]);

    const cran = 'https://cran.example.org/cran/2023-10-01';
    const commit = '1763e0dcb72fb58d97bab97bb834fc71f1e012bc';
    const lab = 'https://r.lab.example.org/drat';
    expect(packages).toEqual([
      ['MASS', '7.3-60', 'pkg:cran/MASS@7.3-60', cran, null, 24],
      ['R6', '2.5.1', 'pkg:cran/R6@2.5.1', cran, null, 31],
      ['cli', '3.6.1', 'pkg:cran/cli@3.6.1', 'RSPM', null, 40],
      [
        'labtools',
        '0.4.0',
        'pkg:cran/labtools@0.4.0?repository_url=https:%2F%2Fr.lab.example.org%2Fdrat',
        lab,
        null,
        46,
      ],
      ['Biobase', '2.62.0', null, 'Bioconductor 3.18', null, 52],
      ['mime', '0.12.1', `pkg:github/yihui/mime@${commit}`, `https://github.com/yihui/mime#${commit}`, null, 58],
      [
        'inhouse',
        '1.0.0',
        null,
        'https://git.example.org/stats/inhouse.git#0d5f1f2f5bb1a2b9f9f6bb3b3d2c6ad6c1c0f5aa',
        'vcs-source',
        69,
      ],
      ['draft', '0.0.0.9000', null, './packages/draft', 'local-path', 77],
    ]);
  });

  it('reads R, the Bioconductor release and Python', () => {
    expect(read(fixture)?.runtimes).toEqual([
      { name: 'r', version: '4.3.1', specifier: null, line: 3 },
      { name: 'bioconductor', version: '3.18', specifier: null, line: 16 },
      { name: 'python', version: '3.11.4', specifier: null, line: 19 },
    ]);
  });

  it('reports credentials by line and never repeats them', () => {
    const spec = read(fixture);

    expect(spec?.secrets).toEqual([
      { kind: 'url-credentials', line: 5 },
      { kind: 'url-credentials', line: 69 },
    ]);
    expect(JSON.stringify(spec)).not.toMatch(/s3cret|tok3n/);
  });

  it('does not take its own Hash, an MD5 over fields of DESCRIPTION, for a digest of the package', () => {
    expect(read(fixture)?.packages[0]?.hashes).toEqual([]);
  });

  it('claims no purl when the lock names neither source nor repository', () => {
    const entry = read(lock('"morning":{"Package":"morning","Version":"0.1.0"}'))?.packages[0];

    expect([entry?.version, entry?.purl, entry?.source]).toEqual(['0.1.0', null, null]);
  });

  it.each([
    ['no version', '"a1":{"Package":"a1"}', null, 'no-version'],
    ['a version that is a number', '"a1":{"Package":"a1","Version":1.1}', null, 'version-invalid'],
    ['a version outside the grammar', '"a1":{"Version":"one"}', 'one', 'version-invalid'],
    ['a range', '"a1":{"Version":">= 1.0"}', null, 'version-range'],
    ['a name outside the grammar', '"_x":{"Version":"1.0"}', '1.0', 'name-invalid'],
    ['a member called __proto__', '"__proto__":{"Version":"1.0"}', '1.0', 'name-invalid'],
    ['an unknown source', '"a1":{"Version":"1.0","Source":"carrier pigeon"}', '1.0', 'unsupported-installer'],
    ['a moving branch', '"a1":{"Version":"1.0","Source":"GitHub","RemoteSha":"main"}', '1.0', 'vcs-source'],
    [
      'another GitHub',
      '"a1":{"Version":"1.0","Source":"GitHub","RemoteHost":"git.example.org/api/v3","RemoteUsername":"o","RemoteRepo":"r","RemoteSha":"1763e0dcb72fb58d97bab97bb834fc71f1e012bc"}',
      '1.0',
      'vcs-source',
    ],
  ])('keeps a package with %s, with a reason', (_, entry, version, reason) => {
    const [read1] = read(lock(entry))?.packages ?? [];

    expect([read1?.version, read1?.purl, read1?.skipReason]).toEqual([version, null, reason]);
  });

  it('reports an entry that is no object and keeps the others', () => {
    const spec = read(lock('\n"a1": 1,\n"b1":{"Version":"1.0"}'));

    expect(spec?.packages.map(({ name }) => name)).toEqual(['b1']);
    expect(spec?.problems).toEqual([{ reason: 'syntax-invalid', message: 'Package a1 is no JSON object.', line: 2 }]);
  });

  it('does not repeat a URL without end with every package', () => {
    const url = `https://r.example.org/${'x'.repeat(500)}`;
    const spec = read(
      `{"R":{"Repositories":[{"Name":"lab","URL":"${url}"}]},"Packages":{"a1":{"Version":"1.0","Repository":"lab"}}}`,
    );

    expect(spec?.packages.map(({ source, purl }) => [source, purl])).toEqual([['lab', null]]);
    expect(spec?.sources).toEqual([url]);
  });

  it('reports a package that stands twice', () => {
    const spec = read(lock('"a1":{"Version":"1.0"},\n"a1":{"Version":"2.0"}'));

    expect(spec?.packages.map(({ version }) => version)).toEqual(['2.0']);
    expect(spec?.problems.map(({ reason, line }) => [reason, line])).toEqual([['duplicate-entry', 2]]);
  });

  it('names the line where a truncated file ends', () => {
    expect(() => read(fixture.split('\n').slice(0, 40).join('\n'))).toThrow(
      expect.objectContaining({ reason: 'syntax-invalid', line: 40 }),
    );
  });

  it('refuses deep nesting and too many packages', () => {
    const many = Array.from({ length: 200_001 }, (_, index) => `"p${index}":1`).join(',');

    expect(() => read(lock(`"a1":${'['.repeat(100_000)}`))).toThrow(
      expect.objectContaining({ reason: 'limit-exceeded' }),
    );
    expect(() => read(lock(many))).toThrow(expect.objectContaining({ reason: 'limit-exceeded' }));
  });

  it.each([
    ['other JSON', '{"R": 1, "Packages": {}}'],
    ['a list', '[{"R":{},"Packages":{}}]'],
    ['plain text', 'R\nPackages\n'],
    ['an empty file', ''],
  ])('leaves %s to other formats', (_, content) => {
    expect(read(content, 'other.json')).toBeNull();
  });
});

import { readFileSync } from 'node:fs';
import type { EnvironmentSpec } from '@envarium/schema';
import { describe, expect, it } from 'vitest';
import { spdxFormat } from './index.js';

const fixture = (name: string): string => readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url), 'utf8');
const read = (content: string) => spdxFormat.extract(content);
const rows = (spec: EnvironmentSpec | null) =>
  spec?.packages.map(({ name, version, purl, group, skipReason, line }) => [
    name,
    version,
    purl,
    group,
    skipReason,
    line,
  ]);
const EMPTY_SHA256 = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

describe('formats/spdx/extract', () => {
  it('reads the packages of SPDX 2 in JSON', () => {
    expect(rows(read(fixture('image.spdx.json')))).toEqual([
      ['lab/eeg-analysis', null, null, 'container', 'no-version', 6],
      ['NumPy', '1.26.0', 'pkg:pypi/numpy@1.26.0', null, null, 7],
      ['zlib1g', '1:1.2.13.dfsg-1', 'pkg:deb/debian/zlib1g@1:1.2.13.dfsg-1?arch=amd64', null, null, 21],
      ['broken', null, null, null, 'no-version', 34],
      ['asked', null, null, null, 'version-range', 39],
    ]);
  });

  it('reports a purl, a checksum and a package that are not valid', () => {
    expect(read(fixture('image.spdx.json'))?.problems).toEqual([
      { reason: 'name-invalid', message: 'Package /packages/5 has no name.', line: 40 },
      { reason: 'syntax-invalid', message: 'A checksum of NumPy is not hexadecimal.', line: 7 },
      { reason: 'name-invalid', message: 'The purl of broken is not valid: pkg:invalid', line: 34 },
    ]);
  });

  it('keeps hashes and sources, and never repeats credentials', () => {
    const spec = read(fixture('image.spdx.json'));

    expect(spec?.packages[1]).toMatchObject({
      ecosystem: 'pypi',
      normalizedName: 'numpy',
      hashes: [EMPTY_SHA256],
      source: 'https://pypi.example.org/numpy.whl',
    });
    expect(spec?.packages[2]?.source).toBeNull();
    expect(spec?.packages[4]).toMatchObject({ specifier: '^4.17.1' });
    expect(spec?.secrets).toEqual([{ kind: 'url-credentials', line: 7 }]);
    expect(JSON.stringify(spec)).not.toContain('s3cret');
  });

  it('tells the scope: an image, a system, or packages of a language', () => {
    const of = (purl: string) =>
      read(
        `{"spdxVersion":"SPDX-2.2","packages":[{"name":"a","externalRefs":[{"referenceType":"purl","referenceLocator":"${purl}"}]}]}`,
      )?.scope;

    expect(read(fixture('image.spdx.json'))?.scope).toBe('container');
    expect(of('pkg:rpm/fedora/a@1')).toBe('host');
    expect(of('pkg:npm/a@1')).toBe('language');
  });

  it('reads the graph of SPDX 3, and elements that are named in place of nested', () => {
    const spec = read(fixture('analysis.spdx3.json'));

    expect(rows(spec)).toEqual([
      ['scipy', '1.11.4', 'pkg:pypi/scipy@1.11.4', null, null, 6],
      ['classifier', null, null, 'ai', 'no-version', 21],
      ['debian', '12', null, 'operating-system', null, 22],
    ]);
    expect(spec?.packages[0]?.hashes).toEqual([EMPTY_SHA256]);
    expect(spec?.problems).toEqual([{ reason: 'name-invalid', message: 'Package /@graph/6 has no name.', line: 29 }]);
  });

  it('reads an element of SPDX 3 that stands alone', () => {
    const one =
      '{"@context":["https://spdx.org/rdf/3.0.0/spdx-context.jsonld"],"@type":["software_Package"],"name":"a","software_packageVersion":"1"}';

    expect(rows(read(one))).toEqual([['a', '1', null, null, null, null]]);
  });

  it('reads tag-value, and takes no tag out of a text', () => {
    const spec = read(fixture('source.spdx'));

    expect(rows(spec)).toEqual([
      ['openblas', '0.3.23', 'pkg:generic/openblas@0.3.23', null, null, 7],
      ['zstd', '1.5.4', null, 'source', null, 21],
    ]);
    expect(spec?.packages[0]).toMatchObject({
      hashes: ['sha1:85ed0817af83a24ad8da68c2b5094de69833983c'],
      source: 'git+https://git.example.org/openblas@v0.3.23',
    });
    expect(spec?.problems.map(({ reason, line }) => [reason, line])).toEqual([['syntax-invalid', 24]]);
  });

  it('reads the document inside an export of GitHub', () => {
    const spec = read('{"sbom":{"spdxVersion":"SPDX-2.3",\n"packages":[\n{"name":"a","versionInfo":"1"}]}}');

    expect(rows(spec)).toEqual([['a', '1', null, null, null, 3]]);
  });

  it.each([
    ['JSON', '{"spdxVersion":"SPDX-2.9"}', 1],
    ['tag-value', '# head\nSPDXVersion: SPDX-2.9\n', 2],
    [
      'JSON-LD',
      '{"@context":"https://spdx.org/rdf/3.9.0/c.jsonld","@graph":[\n{"type":"CreationInfo","specVersion":"3.9.0"}]}',
      2,
    ],
  ])('reads an unknown version in %s with a remark', (_, content, line) => {
    expect(read(content)?.problems.map((problem) => [problem.reason, problem.line])).toEqual([
      ['unsupported-option', line],
    ]);
  });

  it.each([
    ['another JSON', '{"packages":[{"name":"a"}]}'],
    ['a JSON that names SPDX', '{"license":"https://spdx.org/rdf/3.0/x"}'],
    ['a CycloneDX document', '{"bomFormat":"CycloneDX","specVersion":"1.6"}'],
    ['a list', '["spdxVersion"]'],
    ['prose with the tag in it', 'See below.\nSPDXVersion: SPDX-2.3\n'],
    ['an empty file', ''],
  ])('leaves %s to other formats', (_, content) => {
    expect(read(content)).toBeNull();
  });

  it('stays fast on many tags and refuses too many packages', () => {
    expect(
      read(`SPDXVersion: SPDX-2.3\nPackageName: a\n${'PackageChecksum: x\n'.repeat(2000)}`)?.packages,
    ).toHaveLength(1);
    expect(() => read(`SPDXVersion: SPDX-2.3\n${'PackageName: a\n'.repeat(200_001)}`)).toThrow(
      expect.objectContaining({ reason: 'limit-exceeded' }),
    );
  });
});

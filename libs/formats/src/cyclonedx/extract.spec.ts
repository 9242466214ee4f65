import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cyclonedxFormat } from './index.js';

const fixture = (name: string): string => readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url), 'utf8');
const read = (content: string) => cyclonedxFormat.extract(content);
const bom = (components: string): string =>
  `{"bomFormat":"CycloneDX","specVersion":"1.5","components":[${components}]}`;
const xml = (body: string): string => `<bom xmlns="http://cyclonedx.org/schema/bom/1.5">${body}</bom>`;

describe('formats/cyclonedx/extract', () => {
  it('reads components at any depth, with the canonical purl', () => {
    const packages = read(fixture('bom.json'))?.packages.map((each) => [
      each.ecosystem,
      each.name,
      each.normalizedName,
      each.version,
      each.purl,
      each.line,
    ]);

    expect(packages).toEqual([
      ['pypi', 'NumPy', 'numpy', '1.26.0', 'pkg:pypi/numpy@1.26.0', 10],
      ['generic', 'openblas', 'openblas', '0.3.23', null, 20],
      ['npm', 'plots', '@lab/plots', '2.0.0', 'pkg:npm/%40lab/plots@2.0.0', 28],
      [
        'deb',
        'zlib1g',
        'zlib1g',
        '1:1.2.13.dfsg-1',
        'pkg:deb/debian/zlib1g@1:1.2.13.dfsg-1?arch=amd64&distro=debian-12',
        35,
      ],
      ['generic', 'broken', 'broken', '1', null, 41],
      ['generic', 'A100', 'A100', null, null, 42],
      ['generic', 'debian', 'debian', '12', null, 43],
    ]);
  });

  it('tells devices, files and systems from software by their group, and keeps the scope of the others', () => {
    const groups = read(fixture('bom.json'))?.packages.map(({ group }) => group);

    expect(groups).toEqual([null, 'optional', null, null, null, 'device', 'operating-system']);
  });

  it('spells hashes as digests are spelt', () => {
    const [numpy] = read(fixture('bom.json'))?.packages ?? [];
    const hashes = read(
      bom(
        `{"name":"a","hashes":[{"alg":"SHA3-256","content":"${'AB'.repeat(32)}"},{"alg":"BLAKE2b-256","content":"${'0'.repeat(64)}"}]}`,
      ),
    )?.packages[0]?.hashes;

    expect(numpy?.hashes).toEqual(['sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855']);
    expect(hashes).toEqual([`sha3-256:${'ab'.repeat(32)}`, `blake2b-256:${'0'.repeat(64)}`]);
  });

  it('reports invalid purls, hashes and components and keeps the rest', () => {
    expect(read(fixture('bom.json'))?.problems).toEqual([
      { reason: 'syntax-invalid', message: 'A hash of NumPy is not hexadecimal.', line: 10 },
      { reason: 'name-invalid', message: 'The purl of broken is not valid: pkg:/no-type', line: 41 },
      { reason: 'name-invalid', message: 'Component /components/6 has no name.', line: 44 },
      { reason: 'name-invalid', message: 'Component /components/7 has no name.', line: 45 },
    ]);
  });

  it('takes the subject for the scope: an image, a system, or packages of a language', () => {
    expect(read(fixture('bom.json'))?.scope).toBe('container');
    expect(read(bom('{"name":"a","version":"1","purl":"pkg:deb/debian/a@1"}'))?.scope).toBe('host');
    expect(read(bom('{"name":"a","version":"1","purl":"pkg:npm/a@1"}'))?.scope).toBe('language');
  });

  it('keeps a range of versions as a range', () => {
    const [entry] = read(bom('{"name":"a","versionRange":"vers:npm/>=1|<2"}'))?.packages ?? [];

    expect([entry?.version, entry?.specifier, entry?.skipReason]).toEqual([null, 'vers:npm/>=1|<2', 'version-range']);
  });

  it('never repeats credentials of a purl', () => {
    const spec = read(
      bom('{"name":"a","version":"1","purl":"pkg:npm/a@1?vcs_url=https://u:s3cret@git.example.org/a"}'),
    );

    expect(spec?.packages[0]?.purl).toBe('pkg:npm/a@1?vcs_url=https:%2F%2Fgit.example.org%2Fa');
    expect(spec?.secrets).toEqual([{ kind: 'url-credentials', line: 1 }]);
  });

  it('shows nothing of the qualifiers of a purl that is not valid', () => {
    const spec = read(bom('{"name":"a","version":"1","purl":"pkg:npm?vcs_url=https://u:s3cret@git.example.org/a"}'));

    expect(spec?.problems.map(({ message }) => message)).toEqual(['The purl of a is not valid: pkg:npm']);
  });

  it('takes a range for no version, where a tool wrote it as one', () => {
    const [entry] = read(bom('{"name":"a","version":"^1.2.0"}'))?.packages ?? [];

    expect([entry?.version, entry?.specifier, entry?.skipReason]).toEqual([null, '^1.2.0', 'version-range']);
  });

  it.each(['1.2', '1.3', '1.4', '1.5', '1.6', '1.7'])('reads specVersion %s without a remark', (version) => {
    expect(read(`{"bomFormat":"CycloneDX","specVersion":"${version}"}`)?.problems).toEqual([]);
  });

  it('reads a later version with a remark', () => {
    const spec = read('{"bomFormat":"CycloneDX",\n"specVersion":"2.0","components":[{"name":"a","version":"1"}]}');

    expect(spec?.packages).toHaveLength(1);
    expect(spec?.problems.map(({ reason, line }) => [reason, line])).toEqual([['unsupported-option', 2]]);
  });

  it('reads the XML form, whatever its prefix', () => {
    const spec = read(fixture('bom.xml'));

    expect(spec?.problems).toEqual([]);
    expect(
      spec?.packages.map(({ name, version, purl, hashes, group }) => [name, version, purl, hashes, group]),
    ).toEqual([
      ['café & co', '1.10', 'pkg:maven/org.example/cafe@1.10', ['md5:d41d8cd98f00b204e9800998ecf8427e'], 'excluded'],
      ['data.csv', null, null, [], 'file'],
    ]);
  });

  it.each([
    ['a document type', `<!DOCTYPE bom [<!ENTITY a "b">]>${xml('')}`, 'unsupported-option'],
    ['an entity', xml('<!ENTITY a SYSTEM "file:///etc/hostname">'), 'unsupported-option'],
    ['an end that is missing', xml('<components>'), 'syntax-invalid'],
    ['another root', '<list xmlns="http://cyclonedx.org/schema/bom/1.5"></list>', 'syntax-invalid'],
    ['a tag called __proto__', xml('<__proto__>1</__proto__>'), 'syntax-invalid'],
    [
      'deep nesting',
      xml(`${'<components><component>'.repeat(5000)}${'</component></components>'.repeat(5000)}`),
      'limit-exceeded',
    ],
  ])('refuses XML with %s', (_, content, reason) => {
    expect(() => read(content)).toThrow(expect.objectContaining({ reason }));
  });

  it('refuses truncated and deeply nested JSON with its line', () => {
    const truncated = fixture('bom.json').split('\n').slice(0, 20).join('\n');
    const deep = `{"bomFormat":"CycloneDX","components":${'[{"name":"a","components":'.repeat(50_000)}`;

    expect(() => read(truncated)).toThrow(expect.objectContaining({ reason: 'syntax-invalid', line: 20 }));
    expect(() => read(deep)).toThrow(expect.objectContaining({ reason: 'limit-exceeded', line: 1 }));
  });

  it('reports members that stand twice and takes a component called __proto__ as any other', () => {
    const spec = read(bom('{"name":"a","version":"1",\n"version":"2"},{"name":"__proto__","version":"1"}'));

    expect(spec?.packages.map(({ name, version }) => [name, version])).toEqual([
      ['a', '2'],
      ['__proto__', '1'],
    ]);
    expect(spec?.problems.map(({ reason, line }) => [reason, line])).toEqual([['duplicate-entry', 2]]);
  });

  it.each([
    ['another JSON', '{"bomFormat":"Other","x":"CycloneDX"}'],
    ['another XML', '<bom xmlns="http://example.org/bom"/>'],
    ['plain text', '"bomFormat": "CycloneDX"'],
    ['an empty file', ''],
  ])('leaves %s to other formats', (_, content) => {
    expect(read(content)).toBeNull();
  });
});

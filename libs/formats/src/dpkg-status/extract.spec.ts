import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dpkgStatusFormat } from './index.js';

const fixture = readFileSync(new URL('./__fixtures__/status', import.meta.url), 'utf8');
const read = (content: string, path = 'var/lib/dpkg/status') => dpkgStatusFormat.extract(content, path);
const installed = (rest: string): string => `Package: a1\nStatus: install ok installed\n${rest}`;

describe('formats/dpkg-status/extract', () => {
  it('reads every package, with the source it was built from and the architecture', () => {
    const packages = read(fixture)?.packages.map((each) => [
      each.name,
      each.version,
      each.build,
      each.source,
      each.line,
    ]);

    expect(packages).toEqual([
      ['base-files', '12.4+deb12u5', 'amd64', null, 1],
      ['bsdutils', '1:2.38.1-5+b1', 'amd64', 'util-linux (2.38.1-5)', 11],
      ['libc6', '2.36-9+deb12u4', 'i386', 'glibc', 19],
      ['old-kernel', '5.10-1', 'amd64', null, 26],
      ['man-db', '2.11.2-2', 'amd64', null, 32],
      ['half', null, 'amd64', null, 37],
      ['twice', '1.0', null, null, 47],
    ]);
  });

  it('marks what dpkg knows but has not installed', () => {
    const marked = read(fixture)?.packages.filter(({ skipReason }) => skipReason === 'not-installed');

    expect(marked?.map(({ name }) => name)).toEqual(['old-kernel', 'half']);
  });

  it('keeps the epoch and escapes the plus sign in the purl', () => {
    expect(read(fixture)?.packages[1]?.purl).toBe('pkg:deb/debian/bsdutils@1:2.38.1-5%2Bb1?arch=amd64');
  });

  it('tells Ubuntu by the version of base-files, else by any version', () => {
    const ubuntu = read(installed('Version: 2.0-1ubuntu3\n'));
    const debian = read(`${installed('Version: 2.0-1ubuntu3\n')}\nPackage: base-files\nVersion: 12.4\n`);

    expect(ubuntu?.packages[0]?.purl).toBe('pkg:deb/ubuntu/a1@2.0-1ubuntu3');
    expect(debian?.packages[0]?.purl).toBe('pkg:deb/debian/a1@2.0-1ubuntu3');
  });

  it('reports lines and paragraphs that are not understood, and reads on', () => {
    expect(read(fixture)?.problems.map(({ reason, line }) => [reason, line])).toEqual([
      ['syntax-invalid', 46],
      ['duplicate-entry', 50],
      ['name-invalid', 42],
    ]);
  });

  it('takes field names in any case, CRLF and values with odd versions', () => {
    const spec = read('PACKAGE: a1\r\nstatus: install ok installed\r\nVersion: not a version\r\n\r\nPackage: b1\r\n');

    expect(spec?.packages.map(({ name, version, skipReason }) => [name, version, skipReason])).toEqual([
      ['a1', 'not a version', 'version-invalid'],
      ['b1', null, 'no-version'],
    ]);
    expect(spec?.packages[0]?.purl).toBe('pkg:deb/debian/a1');
  });

  it('reads the folder of distroless images, which have no Status', () => {
    const content = 'Package: tzdata\nVersion: 2024a-0+deb12u1\nArchitecture: all\n';

    expect(
      read(content, 'var/lib/dpkg/status.d/tzdata')?.packages.map(({ name, skipReason }) => [name, skipReason]),
    ).toEqual([['tzdata', null]]);
    expect(read(content, 'tzdata')).toBeNull();
  });

  it('reads to the end of a truncated file', () => {
    const spec = read(fixture.slice(0, fixture.indexOf('Source: util')));

    expect(spec?.packages.map(({ name, version }) => [name, version])).toEqual([
      ['base-files', '12.4+deb12u5'],
      ['bsdutils', null],
    ]);
  });

  it('stays small and fast on endless garbage', () => {
    const spec = read(installed(`${'garbage\n'.repeat(200_000)}Version: ${'1'.repeat(100_000)}`));

    expect(spec?.packages.map(({ version }) => version)).toEqual([null]);
    expect(spec?.problems).toHaveLength(1001);
    expect(spec?.problems.at(-1)?.message).toBe('199001 more problems are not listed.');
  });

  it('refuses more packages than are read', () => {
    expect(() => read(installed('\nPackage: b1\n'.repeat(200_001)))).toThrow(
      expect.objectContaining({ reason: 'limit-exceeded' }),
    );
  });

  it.each([
    ['a file that starts with no field', `Malformed\n\n${installed('Version: 1.0')}`],
    ['a control file', 'Package: a1\nVersion: 1.0\nArchitecture: all\n'],
    ['an R DESCRIPTION', 'Package: labtools\nVersion: 1.0\nTitle: Tools\n'],
    ['an empty file', ''],
  ])('leaves %s to other formats', (_, content) => {
    expect(read(content)).toBeNull();
  });
});

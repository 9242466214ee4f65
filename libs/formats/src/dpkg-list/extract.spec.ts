import { readFileSync } from 'node:fs';
import type { EnvironmentSpec } from '@envarium/schema';
import { describe, expect, it } from 'vitest';
import { dpkgListFormat } from './index.js';

const fixture = (name: string): string => readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url), 'utf8');
const read = (content: string, path = 'packages.txt') => dpkgListFormat.extract(content, path);
const rows = (spec: EnvironmentSpec | null) =>
  spec?.packages.map((each) => [each.name, each.version, each.purl, each.skipReason]);
const RULE = '+++-==========================-==============================-============-======\n';

describe('formats/dpkg-list/extract', () => {
  it('reads the table and marks what is not installed', () => {
    const spec = read(fixture('dpkg-l.txt'));

    expect(rows(spec)).toEqual([
      ['adduser', '3.134', 'pkg:deb/debian/adduser@3.134?arch=all', null],
      ['base-files', '12.4+deb12u5', 'pkg:deb/debian/base-files@12.4%2Bdeb12u5?arch=amd64', null],
      ['goes-away', '1.0-1', 'pkg:deb/debian/goes-away@1.0-1?arch=amd64', null],
      ['linux-image-5.10', '5.10.3-1', 'pkg:deb/debian/linux-image-5.10@5.10.3-1?arch=amd64', 'not-installed'],
      ['mail-transport-agent', null, 'pkg:deb/debian/mail-transport-agent', 'not-installed'],
      ['man-db', '2.11.2-2', 'pkg:deb/debian/man-db@2.11.2-2?arch=amd64', null],
      ['unpacked', '1:2.0~rc1-1', 'pkg:deb/debian/unpacked@1:2.0~rc1-1?arch=amd64', 'not-installed'],
      ['zlib1g:amd64', '1:1.2.13.dfsg-1', 'pkg:deb/debian/zlib1g@1:1.2.13.dfsg-1?arch=amd64', null],
    ]);
    expect(spec?.packages.map(({ line }) => line)).toEqual([6, 7, 8, 9, 10, 11, 12, 13]);
    expect(spec?.problems).toEqual([]);
  });

  it('compares names without their architecture', () => {
    const last = read(fixture('dpkg-l.txt'))?.packages.at(-1);

    expect([last?.normalizedName, last?.build]).toEqual(['zlib1g', 'amd64']);
  });

  it('flags what a terminal of 80 columns may have cut off, and names only what is whole', () => {
    expect(rows(read(fixture('dpkg-l-80-columns.txt')))).toEqual([
      ['bash', '5.2.15-2+b2', 'pkg:deb/debian/bash@5.2.15-2%2Bb2?arch=amd64', null],
      ['ca-certificate', '20230311', null, 'truncated-name'],
      ['libgcc-s1:amd6', '12.2.0-14', null, 'truncated-name'],
      ['zstd', '1.5.4+dfsg2-', 'pkg:deb/debian/zstd?arch=amd64', 'version-invalid'],
    ]);
  });

  it('takes a name as wide as its column for whole when dpkg wrote to a file', () => {
    const spec = read(
      `+++-================-========-============-====\nii  sixteen-letters1 1.0-12.3 amd64        x\n`,
    );

    expect(rows(spec)).toEqual([
      ['sixteen-letters1', '1.0-12.3', 'pkg:deb/debian/sixteen-letters1@1.0-12.3?arch=amd64', null],
    ]);
  });

  it('reads tables of early dpkg, which have no architecture', () => {
    const spec = read('+++-==============-==============-====\nii  perl           5.10.1-17      a language\n');

    expect(rows(spec)).toEqual([['perl', '5.10.1-17', 'pkg:deb/debian/perl@5.10.1-17', null]]);
  });

  it('reads rows without their heading', () => {
    const spec = read('ii  adduser  3.134  all  add users\nhi  apt:arm64 2.6.1 arm64 package manager\n');

    expect(spec?.packages.map(({ name, build }) => [name, build])).toEqual([
      ['adduser', 'all'],
      ['apt:arm64', 'arm64'],
    ]);
  });

  it('reports lines around the table', () => {
    const spec = read(`$ dpkg -l\n\n\n\n\n${RULE}ii  adduser  3.134  all  x\nit is done\n`);

    expect(spec?.packages.map(({ name }) => name)).toEqual(['adduser']);
    expect(spec?.problems.map(({ reason, line }) => [reason, line])).toEqual([
      ['syntax-invalid', 1],
      ['syntax-invalid', 8],
    ]);
  });

  it('reads dpkg-query -W, where an empty version means not installed', () => {
    expect(rows(read(fixture('dpkg-query.txt')))).toEqual([
      ['adduser', '3.134', 'pkg:deb/ubuntu/adduser@3.134', null],
      ['libc6:amd64', '2.36-9+deb12u4', 'pkg:deb/ubuntu/libc6@2.36-9%2Bdeb12u4?arch=amd64', null],
      ['mail-transport-agent', null, 'pkg:deb/ubuntu/mail-transport-agent', 'not-installed'],
      ['ubuntu-base', '1.0-1ubuntu2', 'pkg:deb/ubuntu/ubuntu-base@1.0-1ubuntu2', null],
    ]);
  });

  it('reads a third column as the architecture', () => {
    expect(read('adduser\t3.134\tall\nbash\t5.2.15-2+b2\tamd64\n')?.packages.map(({ build }) => build)).toEqual([
      'all',
      'amd64',
    ]);
  });

  it.each([
    ['two columns of anything', 'alpha\t1.0\nbeta\t2.0\n'],
    ['two columns, one with a blank', 'alpha:amd64\t1.0-1\nbeta gamma\t2.0\n'],
    ['rows of an unknown architecture', 'ii  a1  1.0  everywhere  x\n'],
    ['prose', 'it is 1 all of it\nin English.\n'],
    ['an empty file', '\n\n'],
  ])('leaves %s to other formats', (_, content) => {
    expect(read(content, 'table.tsv')).toBeNull();
  });

  it('believes two columns when the file is named after dpkg', () => {
    expect(read('alpha\t1.0\nbeta\t2.0\n', 'env/dpkg.txt')?.packages).toHaveLength(2);
  });

  it('reads a table without rows as an empty list, and a truncated row as far as it goes', () => {
    expect(read(RULE)?.packages).toEqual([]);
    expect(rows(read(`${RULE}ii  adduser`))).toEqual([['adduser', null, 'pkg:deb/debian/adduser', 'no-version']]);
  });

  it('stays fast on endless lines and refuses too many rows', () => {
    expect(read(`${RULE}ii${' '.repeat(5_000_000)}`)?.problems).toHaveLength(1);
    expect(read(`+++-${'=-'.repeat(2_000_000)}`)).toBeNull();
    expect(() => read('a1:all\t1\n'.repeat(200_001))).toThrow(expect.objectContaining({ reason: 'limit-exceeded' }));
  });
});

import { readFileSync } from 'node:fs';
import type { EnvironmentSpec } from '@envarium/schema';
import { describe, expect, it } from 'vitest';
import { rpmListFormat } from './index.js';

const fixture = (name: string): string => readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url), 'utf8');
const read = (content: string, path = 'packages.txt') => rpmListFormat.extract(content, path);
const rows = (spec: EnvironmentSpec | null) =>
  spec?.packages.map(({ name, version, build, purl, line }) => [name, version, build, purl, line]);

describe('formats/rpm-list/extract', () => {
  it('reads rpm -qa: names with hyphens, epochs in both places, keys and file names', () => {
    const spec = read(fixture('rpm-qa.txt'));

    expect(rows(spec)).toEqual([
      ['bash', '5.2.26-1.fc39', 'x86_64', 'pkg:rpm/fedora/bash@5.2.26-1.fc39?arch=x86_64', 1],
      ['gpg-pubkey', '18b8e74c-62f2920f', null, 'pkg:rpm/fedora/gpg-pubkey@18b8e74c-62f2920f', 2],
      [
        'perl-Gtk2-ImageView',
        '0.50.0-4.fc39',
        'noarch',
        'pkg:rpm/fedora/perl-Gtk2-ImageView@0.50.0-4.fc39?arch=noarch',
        3,
      ],
      ['make', '1:4.4.1-2.fc39', 'x86_64', 'pkg:rpm/fedora/make@4.4.1-2.fc39?arch=x86_64&epoch=1', 4],
      ['zlib', '0:1.2.13-4.fc39', 'i686', 'pkg:rpm/fedora/zlib@1.2.13-4.fc39?arch=i686', 5],
      ['kernel-core', '6.8.9-200.fc39', 'x86_64', 'pkg:rpm/fedora/kernel-core@6.8.9-200.fc39?arch=x86_64', 7],
    ]);
    expect(spec?.problems.map(({ reason, line }) => [reason, line])).toEqual([['syntax-invalid', 6]]);
  });

  it('reads rpm -qi in its two layouts, and no field out of a description', () => {
    expect(rows(read(fixture('rpm-qi.txt')))).toEqual([
      ['make', '3.82', '24.el7', 'pkg:rpm/centos/make@3.82-24.el7?arch=x86_64&epoch=1', 1],
      ['bash', '4.1.2', '15.el6_4', 'pkg:rpm/bash@4.1.2-15.el6_4', 11],
    ]);
  });

  it('reads the table of dnf: wrapped rows, repositories, and what is only available', () => {
    const spec = read(fixture('rpm-list-dnf.txt'));

    expect(
      spec?.packages.map(({ name, version, source, skipReason, line }) => [name, version, source, skipReason, line]),
    ).toEqual([
      ['bash', '5.1.8-6.el9', 'anaconda', null, 3],
      ['openssl-libs', '1:3.0.7-24.el9', 'baseos', null, 4],
      ['a-name-that-is-too-long-for-its-column', '2.0-1.el9', 'epel', null, 6],
      ['zsh', '5.8-9.el9', 'baseos', 'not-installed', 8],
    ]);
    expect(spec?.packages[1]?.purl).toBe('pkg:rpm/openssl-libs@3.0.7-24.el9?arch=x86_64&epoch=1');
    expect(spec?.problems.map(({ line }) => line)).toEqual([]);
  });

  it.each([
    [
      'tabs, the architecture first',
      'bash\tx86_64\t5.1-6.mga9\t1311080703\tMageia.Org\tA shell\n',
      '5.1-6.mga9',
      'x86_64',
    ],
    ['tabs, the release apart', 'bash\t5.1\t6.el9\tx86_64\n', '5.1', '6.el9'],
    ['tabs, the epoch apart', 'bash\t(none)\t5.1\t6.el9\tx86_64\n', '5.1', '6.el9'],
    ['tabs without architecture', 'bash\t5.1-6.el9\n', '5.1-6.el9', null],
    ['blanks', 'bash 2:5.1-6.el9 x86_64\n', '2:5.1-6.el9', 'x86_64'],
    ['commas', 'bash,5.1,6.el9,x86_64\n', '5.1', '6.el9'],
    ['bars', 'bash|5.1-6.el9|x86_64\n', '5.1-6.el9', 'x86_64'],
    ['the date of --last', 'bash-5.1-6.el9.x86_64      Thu 22 Aug 2019 02:34:59 PM PDT\n', '5.1-6.el9', 'x86_64'],
  ])('reads columns with %s', (_, content, version, build) => {
    expect(read(content)?.packages.map((each) => [each.name, each.version, each.build])).toEqual([
      ['bash', version, build],
    ]);
  });

  it('names no vendor when the releases name several', () => {
    const spec = read('a-1-1.fc39.x86_64\nb-1-1.mga9.x86_64\n');

    expect(spec?.packages.map(({ purl }) => purl)).toEqual([
      'pkg:rpm/a@1-1.fc39?arch=x86_64',
      'pkg:rpm/b@1-1.mga9?arch=x86_64',
    ]);
  });

  it.each([
    ['the columns of dpkg-query', 'bash\t5.2.15-2+b2\tamd64\nbase-files\t12.4\tamd64\n'],
    ['a list of file names', 'data-2020-01.csv\ndata-2020-02.csv\n'],
    ['a frozen Python', 'numpy==1.26.0\nscikit-learn==1.3.0\n'],
    ['a report of uname', 'Linux host 3.10.0-1062.el7.x86_64 #1 SMP Wed Aug 7 x86_64 x86_64 x86_64 GNU/Linux\n'],
    ['prose', 'Built on x86_64 for .el9, see the notes.\nIt was a sunny day.\n'],
    ['an empty file', ''],
  ])('leaves %s to other formats', (_, content) => {
    expect(read(content)).toBeNull();
  });

  it('stays fast on endless lines and refuses too many rows', () => {
    expect(read(`a-1-1.x86_64\n${'a-'.repeat(500_000)}`)?.problems).toHaveLength(1);
    expect(() => read('a-1-1.x86_64\n'.repeat(200_001))).toThrow(expect.objectContaining({ reason: 'limit-exceeded' }));
  });
});

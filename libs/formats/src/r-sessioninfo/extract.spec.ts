import { readFileSync } from 'node:fs';
import type { EnvironmentSpec } from '@envarium/schema';
import { describe, expect, it } from 'vitest';
import { rSessionInfoFormat } from './index.js';

const fixture = (name: string): string => readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url), 'utf8');
const read = (content: string) => rSessionInfoFormat.extract(content);
const rows = (spec: EnvironmentSpec | null) =>
  spec?.packages.map(({ name, version, group, skipReason, line }) => [name, version, group, skipReason, line]);
const base = (text: string): string => `R version 4.3.1 (2023-06-16)\nattached base packages:\n[1] base\n\n${text}`;

describe('formats/r-sessioninfo/extract', () => {
  it('reads attached and loaded packages, and none of R itself', () => {
    expect(rows(read(fixture('sessionInfo.txt')))).toEqual([
      ['dplyr', '1.1.2', 'attached', null, 24],
      ['data.table', '1.14.8', 'attached', null, 24],
      ['compiler', '4.3.1', 'loaded', null, 27],
      ['MASS', '7.3-60', 'loaded', null, 27],
      ['strange', null, 'loaded', 'version-invalid', 28],
    ]);
  });

  it('reads R, system, BLAS and LAPACK, and no name of a user', () => {
    expect(read(fixture('sessionInfo.txt'))?.runtimes).toEqual([
      { name: 'r', version: '4.3.1', specifier: 'R version 4.3.1 (2023-06-16)', line: 2 },
      { name: 'platform', version: null, specifier: 'x86_64-pc-linux-gnu (64-bit)', line: 3 },
      { name: 'os', version: null, specifier: 'Ubuntu 22.04.4 LTS', line: 4 },
      { name: 'blas', version: null, specifier: '/usr/lib/x86_64-linux-gnu/openblas-pthread/libblas.so.3', line: 7 },
      { name: 'lapack', version: '3.10.0', specifier: '~/lib/libopenblasp-r0.3.20.so', line: 8 },
    ]);
  });

  it('says which libraries R computes with', () => {
    expect(read(fixture('sessionInfo.txt'))?.numerics).toMatchObject([
      {
        program: 'r',
        version: '4.3.1',
        libraries: [
          { kind: 'openblas', file: 'libblas.so.3', version: null, threadingLayer: 'pthreads' },
          { kind: 'openblas', file: 'libopenblasp-r0.3.20.so', version: '0.3.20' },
        ],
        line: 7,
      },
    ]);
  });

  it('reads the locale, values with blanks included, and the time zone', () => {
    expect(read(fixture('sessionInfo.txt'))?.variables).toEqual([
      { name: 'LC_CTYPE', value: 'en_US.UTF-8' },
      { name: 'LC_NUMERIC', value: 'C' },
      { name: 'LC_COLLATE', value: 'English_United Kingdom.utf8' },
      { name: 'LC_TIME', value: 'C' },
      { name: 'TZ', value: 'Europe/Berlin' },
    ]);
  });

  it('claims no origin, and reports what is no package', () => {
    const spec = read(fixture('sessionInfo.txt'));

    expect(spec?.packages.map(({ purl }) => purl)).toEqual([null, null, null, null, null]);
    expect(spec?.problems).toEqual([{ reason: 'syntax-invalid', message: 'odd is no "package_version".', line: 27 }]);
  });

  it('says that R computes with its own BLAS where no line names one', () => {
    const spec = read(
      `R version 4.2.3 (2023-03-15 ucrt)\nMatrix products: default\n\nattached base packages:\n[1] base\n`,
    );

    expect(spec?.runtimes).toEqual([
      { name: 'r', version: '4.2.3', specifier: 'R version 4.2.3 (2023-03-15 ucrt)', line: 1 },
      { name: 'blas', version: null, specifier: 'default', line: 2 },
    ]);
  });

  it('reads one library that is BLAS and LAPACK', () => {
    const spec = read(base('BLAS/LAPACK: /opt/lib/libopenblas.so;  LAPACK version 3.9.0\n'));

    expect(spec?.numerics).toMatchObject([
      { program: 'r', libraries: [{ kind: 'openblas', file: 'libopenblas.so', version: null }] },
    ]);
    expect(spec?.runtimes.slice(1).map(({ name, version, specifier }) => [name, version, specifier])).toEqual([
      ['blas', null, '/opt/lib/libopenblas.so'],
      ['lapack', '3.9.0', '/opt/lib/libopenblas.so'],
    ]);
  });

  it('reads a locale of early R and a version in development', () => {
    const spec = read(
      'R Under development (unstable) (2023-01-01 r83541)\n\nlocale:\nLC_CTYPE=C;LC_TIME=de_DE\n\nattached base packages:\n[1] base\n',
    );

    expect(spec?.variables).toEqual([
      { name: 'LC_CTYPE', value: 'C' },
      { name: 'LC_TIME', value: 'de_DE' },
    ]);
    expect(spec?.runtimes[0]?.version).toBeNull();
  });

  it('reads the first of two reports', () => {
    const spec = read(
      `${base('other attached packages:\n[1] b1_1.0\n\n')}${base('other attached packages:\n[1] b1_2.0\n')}`,
    );

    expect(spec?.packages.map(({ version }) => version)).toEqual(['1.0']);
    expect(spec?.problems.map(({ reason, line }) => [reason, line])).toEqual([['unsupported-option', 8]]);
  });

  it('reads the tables of sessioninfo, with sources and flags', () => {
    const spec = read(fixture('session_info.txt'));

    expect(rows(spec)).toEqual([
      ['assertthat', '0.2.1', 'loaded', null, 12],
      ['dplyr', '1.0.7', 'attached', null, 13],
      ['plots', '0.0.1.9000', 'loaded', null, 14],
      ['inhouse', '1.2.0', 'loaded', 'vcs-source', 15],
      ['Biobase', '2.54.0', 'loaded', null, 16],
      ['lab', '0.4.0', 'loaded', null, 17],
      ['drat', '1.1', 'loaded', null, 18],
      ['notes', '0.0.0.1', 'loaded', 'local-path', 19],
      ['gone', null, 'loaded', 'no-version', 20],
    ]);
    expect(spec?.packages.map(({ purl }) => purl)).toEqual([
      'pkg:cran/assertthat@0.2.1',
      'pkg:cran/dplyr@1.0.7',
      'pkg:github/lab/plots@73e1f31#pkg',
      null,
      null,
      null,
      'pkg:cran/drat@1.1?repository_url=https:%2F%2Fr.lab.example.org',
      null,
      null,
    ]);
    expect(spec?.problems.map(({ reason, line }) => [reason, line])).toEqual([['syntax-invalid', 21]]);
    expect(spec?.secrets).toEqual([{ kind: 'url-credentials', line: 15 }]);
    expect(JSON.stringify(spec)).not.toContain('s3cret');
  });

  it('reads the settings of the tables, where a patched R has no version of its own', () => {
    const spec = read(fixture('session_info.txt'));

    expect(spec?.runtimes).toEqual([
      { name: 'r', version: null, specifier: 'R version 4.1.2 Patched (2021-11-10 r81170)', line: 3 },
      { name: 'os', version: null, specifier: 'macOS Monterey 12.1', line: 4 },
      { name: 'platform', version: null, specifier: 'aarch64, darwin20', line: 5 },
    ]);
    expect(spec?.variables).toEqual([
      { name: 'LC_COLLATE', value: 'en_US.UTF-8' },
      { name: 'TZ', value: 'Europe/Berlin' },
    ]);
  });

  it('reads the tables of early devtools, which name no library', () => {
    const spec = read(
      'Session info -----\n setting  value\n version  R version 3.2.2 (2015-08-14)\n\nPackages -----\n package  * version date       source\n digest     0.6.8   2014-12-31 CRAN (R 3.2.0)\n',
    );

    expect(rows(spec)).toEqual([['digest', '0.6.8', 'loaded', null, 7]]);
  });

  it.each([
    ['the start of a log', 'R version 4.3.1 (2023-06-16) -- "Beagle Scouts"\nPlatform: x86_64-pc-linux-gnu\n'],
    ['prose', 'The R version was 4.3.1.\nattached base packages: none\n'],
    ['an empty file', ''],
  ])('leaves %s to other formats', (_, content) => {
    expect(read(content)).toBeNull();
  });

  it('stays fast on endless lines', () => {
    expect(read(base(`other attached packages:\n[1] ${'a_'.repeat(200_000)}`))?.problems).toHaveLength(1);
    expect(() => read(base(`other attached packages:\n${`[1] ${'ab_1.0 '.repeat(5000)}\n`.repeat(50)}`))).toThrow(
      expect.objectContaining({ reason: 'limit-exceeded' }),
    );
  });
});

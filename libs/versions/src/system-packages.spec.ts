import { describe, expect, it } from 'vitest';
import { compareVersions, satisfiesRange } from './versions.js';

describe('versions/debian', () => {
  it.each([
    // https://www.debian.org/doc/debian-policy/ch-controlfields.html#version
    ['~~', '~~a', -1],
    ['~~a', '~', -1],
    ['~', 'a', -1],
    ['1.0~rc1', '1.0', -1],
    ['1.0~beta1~svn1245', '1.0~beta1', -1],
    ['1.0', '1.0+b1', -1],
    ['1.0a', '1.0+', -1],
    ['1:0.5', '2.0', 1],
    ['0:1.0', '1.0', 0],
    ['1.0', '1.0-0', 0],
    ['1.0-1', '1.0-1ubuntu2', -1],
    ['1.10', '1.9', 1],
    ['1.002', '1.2', 0],
    ['99999999999999999999999', '100000000000000000000000', -1],
  ])('compares %s with %s', (a, b, expected) => {
    expect(Math.sign(compareVersions('deb', a, b) ?? NaN)).toBe(expected);
  });

  it.each([
    ['3.0.2-0+deb12u1', '>= 3.0.2-1, << 3.1', false],
    ['3.0.15-1~deb12u1', '>= 3.0.2-1, << 3.1', true],
    ['2.36-9', '(>= 2.36)', true],
    ['2.36-9', '= 2.36', false],
    ['2.36-9', '<< 2 | >= 2.36', true],
    ['1:2.0', '>> 3', true],
    ['not a version', '>= 1', 'undecidable'],
  ])('%s in %s: %s', (version, range, expected) => {
    expect(satisfiesRange('deb', version, range)).toBe(expected);
  });

  it.each(['< 2', '> 2', '>=', '~> 1', '>= 1 |', ''])('refuses %j', (range) => {
    expect(() => satisfiesRange('deb', '1.0', range)).toThrow(
      expect.objectContaining({ code: 'RANGE_SYNTAX_INVALID' }),
    );
  });
});

describe('versions/rpm', () => {
  it.each([
    // https://rpm-software-management.github.io/rpm/man/rpm-version.7
    ['1.0', '1.0', 0],
    ['1.0', '2.0', -1],
    ['2.0.1', '2.0.1a', -1],
    ['5.5p10', '5.5p1', 1],
    ['10xyz', '10.1xyz', -1],
    ['xyz10', 'xyz10.1', -1],
    ['xyz.4', '8', -1],
    ['5.0.0', '5_0_0', 0],
    ['1.0~rc1', '1.0', -1],
    ['1.0~rc1~git123', '1.0~rc1', -1],
    ['1.0^', '1.0', 1],
    ['1.0^git1', '1.01', -1],
    ['1.0^20160101', '1.0.1', -1],
    ['1.0~rc1^git1', '1.0~rc1', 1],
    ['1:1.0', '2.0', 1],
    ['1.0-2.el9', '1.0-10.el9', -1],
    ['1.0-2.el9', '1.0', 0],
  ])('compares %s with %s', (a, b, expected) => {
    expect(Math.sign(compareVersions('rpm', a, b) ?? NaN)).toBe(expected);
  });

  it.each([
    ['3.0.7-24.el9', '>= 3.0.7', true],
    ['3.0.7-24.el9', '= 3.0.7', true],
    ['3.0.7-24.el9', '< 3.0.7-25', true],
    ['3.0.7-24.el9', '>= 1:1', false],
    ['a b', '>= 1', 'undecidable'],
  ])('%s in %s: %s', (version, range, expected) => {
    expect(satisfiesRange('rpm', version, range)).toBe(expected);
  });
});

describe('versions/apk', () => {
  // https://gitlab.alpinelinux.org/alpine/apk-tools/-/blob/master/doc/apk-package.5.scd: number{.number}{letter}{_suffix{number}}{~hash}{-r#}
  const ASCENDING = [
    '0.9_alpha', '0.9_alpha2', '0.9_alpha10', '0.9_beta', '0.9_pre1', '0.9_rc1', '0.9_rc1_p1', '0.9-r0', '0.9-r2', '0.9-r10',
    '0.9~09af-r1', '0.9~1c', '0.9_cvs', '0.9_svn3', '0.9_git20240102', '0.9_hg', '0.9_p1-r0', '0.9_p1-r1', '0.9_p16', '0.9a', '0.9b-r1',
    '0.9.0', '0.9.01', '0.9.02', '0.9.1_rc1', '0.9.1', '0.9.1.1', '0.9.2', '0.9.10', '0.10', '1', '1.0', '1.05', '1.06', '1.1', '2',
    '10', '20060512',
  ]; // prettier-ignore

  it('orders versions as apk does', () => {
    const sorted = ASCENDING.toReversed().sort((a, b) => compareVersions('apk', a, b) ?? 0);

    expect(sorted).toEqual(ASCENDING);
  });

  it.each([
    ['1.0.4-r3', '1.0.4-r4', -1],
    ['2.3.0b-r1', '2.3.0b-r4', -1],
    ['1.3_alpha', '1.3', -1],
    ['0.1.0_alpha_pre2', '0.1.0_alpha', -1],
    ['4.5_p1-r1', '4.5_p1', 1],
    ['1.02.07', '1.02.10-r1', -1],
    ['1.2.12.04', '1.2.12.05', -1],
    ['8.2.0015', '8.2.002', -1],
    ['006', '6', 0],
    ['0.17', '0.5.0', 1],
    ['1.0_p10-r0', '1.0_p9-r0', 1],
    ['1.0.0_pre20191002222144-r0', '1.0.0_pre20210530193627-r0', -1],
    ['99999999999999999999999', '100000000000000000000000', -1],
  ])('compares %s with %s', (a, b, expected) => {
    expect(Math.sign(compareVersions('apk', a, b) ?? NaN)).toBe(expected);
  });

  it.each([
    '',
    'v1',
    '1.',
    '.1',
    '1..2',
    '1bc',
    '1.0_foo',
    '1.0_p_',
    '1-1',
    '1-r',
    '1~',
    '1~XYZ',
    '1-r1-r2',
    '1-r1_p1',
    '1.0B',
  ])('knows no order of %j', (text) => {
    expect(compareVersions('apk', text, '1.0')).toBeNull();
  });

  it.each([
    ['1.2.4-r2', '>=1.2.4-r1 <1.3', true],
    ['1.2.4-r2', '<1.2.4-r2', false],
    ['1.2.4-r2', '<=1.2.4-r2', true],
    ['1.2.4-r2', '>1.2.4', true],
    ['1.2.4-r2', '=1.2.4', false],
    ['1.2.4-r2', '=1.2.4-r2', true],
    ['1.2.4-r2', '1.2.4-r2', true],
    ['1.2.4-r2', '~1.2', true],
    ['1.2.4-r2', '~1.2.4', true],
    ['1.2.4-r2', '~=1.2.4', true],
    ['1.23-r0', '~1.2', false],
    ['1.2_rc1', '~1.2', true],
    ['1.1', '~1.2', false],
    ['1.2.4-r2', '>~1.2', true],
    ['1.3', '>~1.2', true],
    ['1.2.4', '<~1.2', true],
    ['1.3', '<~1.2', false],
    ['1.2.4', '<1 | >=1.2', true],
    ['one', '~1.2', 'undecidable'],
  ])('%s in %s: %s', (version, range, expected) => {
    expect(satisfiesRange('apk', version, range)).toBe(expected);
  });

  it.each(['><Q1abc=', '>< 1.0', '^1.0', '>=', '~', '=1.0_foo', '>=1 |', ''])('refuses %j', (range) => {
    expect(() => satisfiesRange('apk', '1.0', range)).toThrow(
      expect.objectContaining({ code: 'RANGE_SYNTAX_INVALID' }),
    );
  });
});

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

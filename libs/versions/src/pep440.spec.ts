import { describe, expect, it } from 'vitest';
import { compareVersions, satisfiesRange } from './versions.js';

describe('versions/pep440', () => {
  // The order of the specification: https://packaging.python.org/en/latest/specifications/version-specifiers/
  const ASCENDING = [
    '1.dev0', '1.0.dev456', '1.0a1', '1.0a2.dev456', '1.0a12.dev456', '1.0a12', '1.0b1.dev456', '1.0b2',
    '1.0b2.post345.dev456', '1.0b2.post345', '1.0rc1.dev456', '1.0rc1', '1.0', '1.0+abc.5', '1.0+abc.7', '1.0+5',
    '1.0.post456.dev34', '1.0.post456', '1.0.15', '1.1.dev1', '1!0.1',
  ]; // prettier-ignore

  it('orders versions as the specification lists them', () => {
    expect(ASCENDING.toReversed().sort((a, b) => compareVersions('pypi', a, b) ?? 0)).toEqual(ASCENDING);
  });

  it.each([
    ['1.22.0', '1.22', 0],
    ['1.0-1', '1.0.post1', 0],
    ['v1.0', '1.0', 0],
    ['1.10', '1.9', 1],
  ])('compares %s with %s', (a, b, expected) => {
    expect(Math.sign(compareVersions('pypi', a, b) ?? NaN)).toBe(expected);
  });

  it.each([
    ['1.21.6', '<1.22', true],
    ['1.22.0', '<1.22', false],
    ['1.22.0rc1', '<1.22', false],
    ['1.22.0rc1', '<1.22rc2', true],
    ['1.22.0rc1', '>=1.21', true],
    ['1.7.0.post1', '>1.7', false],
    ['1.7.0.post2', '>1.7.post1', true],
    ['1.7.1', '>1.7', true],
    ['1.7+cu118', '>1.7', false],
    ['2.0.1+cu118', '==2.0.1', true],
    ['2.0.1+cu118', '==2.0.1+cu117', false],
    ['2.0.1', '==2.0.1+cu118', false],
    ['1.1.post1', '==1.1.*', true],
    ['1.1a1', '==1.1.*', true],
    ['1.10', '==1.1.*', false],
    ['1', '==1.0.*', true],
    ['1.1.3', '!=1.1.*', false],
    ['2.3', '~=2.2', true],
    ['3.0', '~=2.2', false],
    ['1.4.9', '~=1.4.5', true],
    ['1.5.0', '~=1.4.5', false],
    ['2.3', '~=2.2.post3', true],
    ['2.0', '>= 1.0, != 1.5 , < 3', true],
    ['1.5', '(>=1.0,!=1.5)', false],
    ['1!1.0', '<2', false],
    ['1.0', '*', true],
    ['1.0', '1.0', true],
    ['2004-build', '===2004-BUILD', true],
    ['2004-build', '>=1', 'undecidable'],
    ['2004-build', '===1,>=1', false],
  ])('%s in %s: %s', (version, range, expected) => {
    expect(satisfiesRange('pypi', version, range)).toBe(expected);
  });

  it.each(['>=', '^1.2', '>=1.2 <2', '~=1', '>=1.0.*', '==1.0.dev1.*', '>1.0+local', '=>1', 'latest', '1.x', ''])(
    'refuses %j',
    (range) => {
      expect(() => satisfiesRange('pypi', '1.0', range)).toThrow(
        expect.objectContaining({ code: 'RANGE_SYNTAX_INVALID' }),
      );
    },
  );
});

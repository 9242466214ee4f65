import { describe, expect, it } from 'vitest';
import { compareVersions, satisfiesRange } from './versions.js';

describe('versions/conda', () => {
  // https://docs.conda.io/projects/conda/en/stable/user-guide/concepts/pkg-specs.html and the text of VersionOrder.
  const ASCENDING = [
    '0.4', '0.4.1.rc', '0.4.1', '0.5a1', '0.5b3', '0.5C1', '0.5', '0.9.6', '0.960923', '1.0', '1.1dev1', '1.1_', '1.1a1',
    '1.1.0dev1', '1.1.a1', '1.1.0rc1', '1.1.0', '1.1.0post1', '1996.07.12', '1!0.4.1', '1!3.1.1.6', '2!0.4.1',
  ]; // prettier-ignore

  it('orders versions as conda lists them', () => {
    expect(ASCENDING.toReversed().sort((a, b) => compareVersions('conda', a, b) ?? 0)).toEqual(ASCENDING);
  });

  it.each([
    ['0.4', '0.4.0', 0],
    ['1.1.0', '1.1', 0],
    ['1.1.0post1', '1.1.post1', 0],
    ['1.2-3', '1.2_3', 0],
    ['1.0.1', '1.0.1a', 1],
    ['1.0.1a', '1.0.1b', -1],
    ['1.0.1_', '1.0.1a', -1],
    ['1.0+1', '1.0', 1],
    ['1.0+1.10', '1.0+1.9', 1],
  ])('compares %s with %s', (a, b, expected) => {
    expect(Math.sign(compareVersions('conda', a, b) ?? NaN)).toBe(expected);
  });

  it.each([
    ['1.21.6', '<1.22', true],
    ['1.22.0', '<1.22', false],
    ['3.10.4', '=3.10', true],
    ['3.10', '=3.10', true],
    ['3.100', '=3.10', false],
    ['3.1', '=3.10', false],
    ['3.10.4', '==3.10', false],
    ['3.10.0', '==3.10', true],
    ['3.10.0', '3.10', true],
    ['1.2.9', '1.2.*', true],
    ['1.2', '1.2*', true],
    ['1.2.3a', '1.2.*', true],
    ['1.20', '1.2*', false],
    ['1.2.3', '!=1.2.*', false],
    ['1.2.5', '~=1.2.3', true],
    ['1.3', '~=1.2.3', false],
    ['1.2.3', '>=1.2.*', true],
    ['1.5', '>=1.1,<2|3.0.*', true],
    ['3.0.7', '>=1.1,<2|3.0.*', true],
    ['2.5', '>=1.1,<2|3.0.*', false],
    ['1.1.1w', '>=1.1.1a,<1.1.2a', true],
    ['1!1.0', '>2', true],
    ['1.2.*', '*', true],
    ['1.2 beta', '>1', 'undecidable'],
    ['1..2', '>1', 'undecidable'],
    ['1.0_1-2', '>1', 'undecidable'],
  ])('%s in %s: %s', (version, range, expected) => {
    expect(satisfiesRange('conda', version, range)).toBe(expected);
  });

  it.each(['=1.2=py38_0', '^1.2', '>=', '1.*.3', '>=1|', '~=1', '=>1', '(1|2)', 'a b'])('refuses %j', (range) => {
    expect(() => satisfiesRange('conda', '1.0', range)).toThrow(
      expect.objectContaining({ code: 'RANGE_SYNTAX_INVALID' }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { decideVersions } from './package-versions.js';

const VERSIONS = ['1.21.6', '1.22.0', '1.21.6', 'local build'].map((version, i) => ({ id: BigInt(i), version }));

describe('questions/package-versions', () => {
  it('decides builds of one version alike, and keeps apart what the rules cannot read', () => {
    expect(decideVersions('pypi', '<1.22', VERSIONS)).toEqual({ inRange: [0n, 2n], undecidable: [3n] });
  });

  it('takes every version for any version', () => {
    expect(decideVersions('pypi', ' * ', VERSIONS)).toEqual({ inRange: [0n, 1n, 2n, 3n], undecidable: [] });
  });

  it('refuses a range that is none, also where no version is known', () => {
    expect(() => decideVersions('pypi', '^1', [])).toThrow(expect.objectContaining({ code: 'RANGE_SYNTAX_INVALID' }));
  });
});

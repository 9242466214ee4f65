import { describe, expect, it } from 'vitest';
import { compareVersions, satisfiesRange } from './versions.js';

describe('versions/npm', () => {
  it.each([
    ['1.2.3', '^1.2.0', true],
    ['2.0.0', '^1.2.0', false],
    ['0.2.5', '^0.2.3', true],
    ['0.3.0', '^0.2.3', false],
    ['1.2.9', '~1.2.3', true],
    ['1.2.3', '1.x || >=2.5.0 || 5.0.0 - 7.2.3', true],
    ['6.0.0', '1.x || >=9.5.0 || 5.0.0 - 7.2.3', true],
    ['3.0.0-rc.1', '>=2', true],
    ['2.0.0-rc.1', '^1.2.0', false],
    ['git+ssh://x', '*', 'undecidable'],
  ])('%s in %s: %s', (version, range, expected) => {
    expect(satisfiesRange('npm', version, range)).toBe(expected);
  });

  it('orders pre-releases before their release', () => {
    expect(compareVersions('npm', '1.0.0-alpha.9', '1.0.0-alpha.10')).toBe(-1);
    expect(compareVersions('npm', '1.0.0-rc.1', '1.0.0')).toBe(-1);
    expect(compareVersions('npm', '1.0.0+a', '1.0.0+b')).toBe(0);
    expect(compareVersions('npm', 'latest', '1.0.0')).toBeNull();
  });

  it.each(['latest', '>>1', '1.2.3.4'])('refuses %j', (range) => {
    expect(() => satisfiesRange('npm', '1.0.0', range)).toThrow(
      expect.objectContaining({ code: 'RANGE_SYNTAX_INVALID' }),
    );
  });
});

describe('versions/cargo', () => {
  it.each([
    // https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html
    ['1.9.0', '1.2.3', true],
    ['2.0.0', '1.2.3', false],
    ['0.2.9', '0.2.3', true],
    ['0.3.0', '0.2.3', false],
    ['0.0.4', '0.0.3', false],
    ['0.0.9', '0.0', true],
    ['0.9.0', '0', true],
    ['1.2.9', '~1.2', true],
    ['1.3.0', '~1.2', false],
    ['1.2.9', '1.2.*', true],
    ['1.2.3', '=1.2.3', true],
    ['1.2.4', '=1.2.3', false],
    ['1.4.0', '>=1.2, <1.5', true],
    ['1.5.0', '>=1.2, <1.5', false],
  ])('%s in %s: %s', (version, range, expected) => {
    expect(satisfiesRange('cargo', version, range)).toBe(expected);
  });

  it.each(['1 || 2', '1.0 - 2.0', ','])('refuses %j', (range) => {
    expect(() => satisfiesRange('cargo', '1.0.0', range)).toThrow(
      expect.objectContaining({ code: 'RANGE_SYNTAX_INVALID' }),
    );
  });
});

describe('versions/golang', () => {
  it.each([
    ['v1.2.3', '>=v1.2.3', true],
    ['v1.2.4-0.20191109021931-daa7c04131f5', '>v1.2.3', true],
    ['v0.0.0-20191109021931-daa7c04131f5', '<v0.1.0', true],
    ['v2.0.0+incompatible', '>=v1.0.0,<v3.0.0', true],
    ['v1.2.9', 'v1.2', true],
    ['v1.3.0', 'v1.2', false],
    ['go1.22', '>=v1.0.0', 'undecidable'],
  ])('%s in %s: %s', (version, range, expected) => {
    expect(satisfiesRange('golang', version, range)).toBe(expected);
  });

  it.each(['^v1.2.0', '~v1.2.0', 'v1 || v2'])('refuses %j', (range) => {
    expect(() => satisfiesRange('golang', 'v1.0.0', range)).toThrow(
      expect.objectContaining({ code: 'RANGE_SYNTAX_INVALID' }),
    );
  });
});

describe('versions/r', () => {
  it.each([
    ['1.2', '1.2.0', -1],
    ['1.2-3', '1.2.3', 0],
    ['1.10.0', '1.9.9', 1],
    ['0.0.0.9000', '0.0.1', -1],
  ])('compares %s with %s', (a, b, expected) => {
    expect(Math.sign(compareVersions('cran', a, b) ?? NaN)).toBe(expected);
  });

  it.each([
    ['1.1.4', '>= 1.0.0', true],
    ['1.1.4', '(>= 1.0.0), (< 1.1)', 'refused'],
    ['1.1.4', '>= 1.0.0, < 1.1', false],
    ['4.3.1', '>= 4', true],
    ['7.3-60', '== 7.3.60', true],
    ['1.1.4', '!= 1.1.4', false],
    ['abc', '>= 1.0', 'undecidable'],
  ])('%s in %s: %s', (version, range, expected) => {
    const decide = () => satisfiesRange('cran', version, range);

    if (expected === 'refused') expect(decide).toThrow(expect.objectContaining({ code: 'RANGE_SYNTAX_INVALID' }));
    else expect(decide()).toBe(expected);
  });
});

describe('versions/julia', () => {
  it.each([
    // https://pkgdocs.julialang.org/v1/compatibility/
    ['1.9.9', '1.2.3', true],
    ['2.0.0', '^1.2.3', false],
    ['0.2.9', '0.2.3', true],
    ['0.3.0', '^0.2.3', false],
    ['0.0.3', '^0.0.3', true],
    ['0.0.4', '^0.0.3', false],
    ['0.0.9', '^0.0', true],
    ['0.1.0', '^0.0', false],
    ['0.9.0', '^0', true],
    ['1.2.9', '~1.2.3', true],
    ['1.3.0', '~1.2.3', false],
    ['1.9.0', '~1', true],
    ['0.0.4', '~0.0.3', false],
    ['0.0.9', '~0.0', true],
    ['1.2.3', '=1.2.3', true],
    ['1.2.4', '= 1.2.3', false],
    ['2.5.0', '1.2, 2', true],
    ['3.0.0', '1.2, 2', false],
    ['1.4.9', '1.2.3 - 1.4', true],
    ['1.5.0', '1.2.3 - 1.4', false],
    ['1.2.3', '< 1.2.3', false],
    ['1.2.3', '≤ 1.2.3', true],
    ['1.2.3', '> 1.2.3', false],
    ['1.2.4', '> 1.2.3', true],
    ['1.2.3+0', '=1.2.3', true],
    ['1.2.3-DEV', '1.2.3', true],
    ['nightly', '1', 'undecidable'],
  ])('%s in %s: %s', (version, range, expected) => {
    expect(satisfiesRange('julia', version, range)).toBe(expected);
  });

  it.each(['1.2.x', '1 - ', '!=1.2', '1.2.3.4', ''])('refuses %j', (range) => {
    expect(() => satisfiesRange('julia', '1.0.0', range)).toThrow(
      expect.objectContaining({ code: 'RANGE_SYNTAX_INVALID' }),
    );
  });
});

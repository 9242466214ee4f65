import { ArchiveError } from '@envarium/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareVersions, satisfiesRange } from './versions.js';

const ECOSYSTEMS = ['pypi', 'conda', 'npm', 'cargo', 'golang', 'apk', 'deb', 'rpm', 'cran', 'julia', 'generic'];
const versionText = fc.string({
  unit: fc.constantFrom(...'0019.~+-^_!:*'.split(''), 'a', 'rc', '_p', '-r1', 'post', 'dev', 'v', 'é', ' '),
  maxLength: 12,
});
const rangeText = fc
  .array(
    fc.tuple(fc.constantFrom('<', '<<', '>=', '=', '==', '!=', '~=', '^', '~', '', ',', '|', '(', '>= '), versionText),
    {
      maxLength: 3,
    },
  )
  .map((parts) => parts.map((part) => part.join('')).join(','));

describe('versions/versions', () => {
  it.each(ECOSYSTEMS)('orders versions of %s without contradiction', (ecosystem) => {
    fc.assert(
      fc.property(versionText, versionText, versionText, (a, b, c) => {
        const [ab, ba, bc, ac] = [
          compareVersions(ecosystem, a, b),
          compareVersions(ecosystem, b, a),
          compareVersions(ecosystem, b, c),
          compareVersions(ecosystem, a, c),
        ];
        if (ab === null || bc === null || ac === null) return;
        expect(Math.sign(ab) + Math.sign(ba ?? NaN)).toBe(0);
        if (ab <= 0 && bc <= 0) expect(ac).toBeLessThanOrEqual(0);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(ECOSYSTEMS)('answers or refuses whatever is asked of %s', (ecosystem) => {
    fc.assert(
      fc.property(versionText, rangeText, (version, range) => {
        try {
          expect([true, false, 'undecidable']).toContain(satisfiesRange(ecosystem, version, range));
        } catch (error) {
          expect(error).toBeInstanceOf(ArchiveError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('takes no longer for hostile text', () => {
    const long = '1'.repeat(100_000);

    for (const ecosystem of ECOSYSTEMS.filter((each) => each !== 'generic')) {
      expect(satisfiesRange(ecosystem, long, ecosystem === 'deb' ? '<< 2' : '>=1.0')).toBe('undecidable');
      expect(() => satisfiesRange(ecosystem, '1.0', `>=${long}`)).toThrow(ArchiveError);
    }
  });

  it('says where and how a range is to be written', () => {
    expect(() => satisfiesRange('pypi', '1.0', '^1.2')).toThrow(
      expect.objectContaining({
        detail: expect.objectContaining({ ecosystem: 'pypi', range: '^1.2', rules: 'PEP 440', example: '>=1.21,<2' }),
      }),
    );
  });

  it.each([
    ['1.0', '=1.0', true],
    ['1.1', '=1.0', false],
    ['1.1', '!=1.0', true],
    ['1.0', '<=1.0', true],
    ['1.1', '<=1.0', 'undecidable'],
    ['1.0', '<1.0', 'undecidable'],
    ['1.1', '*', true],
  ])('knows equality only where no order is known: %s in %s: %s', (version, range, expected) => {
    expect(satisfiesRange('guix', version, range)).toBe(expected);
  });
});

import { ArchiveError } from '@envarium/errors';
import { apk } from './apk.js';
import { conda } from './conda.js';
import { debian } from './debian.js';
import { julia } from './julia.js';
import { pep440 } from './pep440.js';
import { r } from './r.js';
import { rpm } from './rpm.js';
import { RangeSyntaxError, type RangeTest, type Scheme, type Verdict } from './scheme.js';
import { cargo, go, npm } from './semantic.js';
import { unordered } from './unordered.js';

/** By ecosystem, as package URLs name them. */
const SCHEMES: ReadonlyMap<string, Scheme> = new Map([
  ['pypi', pep440],
  ['conda', conda],
  ['npm', npm],
  ['cargo', cargo],
  ['golang', go],
  ['apk', apk],
  ['deb', debian],
  ['rpm', rpm],
  ['cran', r],
  ['bioconductor', r],
  ['julia', julia],
]);

/** Longer than any range that a person writes. */
const MAX_RANGE_LENGTH = 500;

/** Negative when `a` is older; null when the ecosystem knows no order of the two. */
export function compareVersions(ecosystem: string, a: string, b: string): number | null {
  return a === b ? 0 : schemeOf(ecosystem).compare(a, b);
}

/**
 * The range in the syntax of the ecosystem, as a test of versions.
 * @throws ArchiveError RANGE_SYNTAX_INVALID
 */
export function parseVersionRange(ecosystem: string, range: string): RangeTest {
  const scheme = schemeOf(ecosystem);
  const shown = range.slice(0, MAX_RANGE_LENGTH);
  const detail = { ecosystem, range: shown, rules: scheme.rules, example: scheme.example };
  if (range.length > MAX_RANGE_LENGTH)
    throw new ArchiveError('RANGE_SYNTAX_INVALID', {
      ...detail,
      problem: `longer than ${MAX_RANGE_LENGTH} characters`,
    });
  if (range.trim() === '') throw new ArchiveError('RANGE_SYNTAX_INVALID', { ...detail, problem: 'the range is empty' });
  try {
    return scheme.parseRange(range);
  } catch (error) {
    if (!(error instanceof RangeSyntaxError)) throw error;
    throw new ArchiveError('RANGE_SYNTAX_INVALID', { ...detail, problem: error.message }, { cause: error });
  }
}

/** @throws ArchiveError RANGE_SYNTAX_INVALID */
export function satisfiesRange(ecosystem: string, version: string, range: string): Verdict {
  return parseVersionRange(ecosystem, range)(version);
}

/** Whose rules decide, for people. */
export function rangeRules(ecosystem: string): string {
  return schemeOf(ecosystem).rules;
}

function schemeOf(ecosystem: string): Scheme {
  return SCHEMES.get(ecosystem) ?? unordered;
}

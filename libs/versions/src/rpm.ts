import { comparatorRange, USUAL_OPERATORS } from './comparators.js';
import { compareBy, compareDigits, compareText, MAX_VERSION_LENGTH, type Scheme } from './scheme.js';

interface RpmVersion {
  readonly epoch: string;
  readonly version: string;
  /** null: not said; a comparison then stops before it. */
  readonly release: string | null;
}

/** https://rpm-software-management.github.io/rpm/man/rpm-version.7 */
export const rpm: Scheme = {
  rules: 'RPM versions and dependencies',
  example: '>= 3.0.7-16.el9',
  compare: compareBy(parse, compareVersions),
  parseRange: (range) => comparatorRange(range, { operators: USUAL_OPERATORS, parse, order: compareVersions }),
};

const SHAPE = /^(?:(?<epoch>\d+):)?(?<version>[0-9A-Za-z._+~^]+)(?:-(?<release>[0-9A-Za-z._+~^]+))?$/;

function parse(text: string): RpmVersion | null {
  const {
    epoch = '0',
    version,
    release = null,
  } = (text.length <= MAX_VERSION_LENGTH && SHAPE.exec(text.trim())?.groups) || {};
  return version === undefined ? null : { epoch, version, release };
}

function compareVersions(a: RpmVersion, b: RpmVersion): number {
  const order = compareDigits(a.epoch, b.epoch) || compareSegments(a.version, b.version);
  if (order !== 0 || a.release === null || b.release === null) return order;
  return compareSegments(a.release, b.release);
}

/** Digits, letters, `~` and `^`; everything else only separates. */
const segments = (text: string): string[] => text.match(/\d+|[A-Za-z]+|[~^]/g) ?? [];

function compareSegments(a: string, b: string): number {
  if (a === b) return 0;
  const [left, right] = [segments(a), segments(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const order = compareSegment(left[i], right[i]);
    if (order !== 0) return order;
  }
  return 0;
}

function compareSegment(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  // A tilde is older than the end, a caret newer than the end but older than anything else.
  if (a === '~' || b === '~') return a === '~' ? -1 : 1;
  if (a === '^') return b === undefined ? 1 : -1;
  if (b === '^') return a === undefined ? -1 : 1;
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  const [isNumber, isOtherNumber] = [/^\d/.test(a), /^\d/.test(b)];
  // A number is newer than letters.
  if (isNumber !== isOtherNumber) return isNumber ? 1 : -1;
  return isNumber ? compareDigits(a, b) : compareText(a, b);
}

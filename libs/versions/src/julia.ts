import semver from 'semver';
import { MAX_VERSION_LENGTH, RangeSyntaxError, type RangeTest, type Scheme } from './scheme.js';

type Numbers = readonly [major: number, minor: number, patch: number];
type Interval = { readonly from: Numbers; readonly to: Numbers; readonly isToIncluded: boolean };

const ZERO: Numbers = [0, 0, 0];
const END: Numbers = [Infinity, Infinity, Infinity];

/**
 * https://pkgdocs.julialang.org/v1/compatibility/: a comma means or, nothing means caret. As in Pkg, only the three numbers
 * of a version are looked at.
 */
export const julia: Scheme = {
  rules: 'Julia compat',
  example: '1.2, 2',
  compare: (a, b) => {
    const [left, right] = [parse(a), parse(b)];
    return left === null || right === null ? null : semver.compareBuild(left, right);
  },
  parseRange,
};

function parse(text: string): semver.SemVer | null {
  return text.length > MAX_VERSION_LENGTH ? null : semver.parse(text.trim().replace(/^v/, ''));
}

function parseRange(range: string): RangeTest {
  const intervals = range.split(',').map((part) => intervalOf(part.trim()));
  return (text) => {
    const version = parse(text);
    if (version === null) return 'undecidable';
    const numbers: Numbers = [version.major, version.minor, version.patch];
    return intervals.some((interval) => isInside(numbers, interval));
  };
}

const SPECIFIER = /^(?<operator>>=|<=|≥|≤|[\^~=<>])?\s*v?(?<version>\d{1,9}(?:\.\d{1,9}){0,2})$/;
const HYPHEN = /^v?(?<from>\d{1,9}(?:\.\d{1,9}){0,2})\s+-\s+v?(?<to>\d{1,9}(?:\.\d{1,9}){0,2})$/;

function intervalOf(text: string): Interval {
  if (text === '*') return { from: ZERO, to: END, isToIncluded: true };
  const hyphen = HYPHEN.exec(text)?.groups;
  if (hyphen) {
    return {
      from: padded(numbersOf(hyphen['from'])),
      to: padded(numbersOf(hyphen['to']), Infinity),
      isToIncluded: true,
    };
  }
  const { operator = '^', version } = SPECIFIER.exec(text)?.groups ?? {};
  if (version === undefined) throw new RangeSyntaxError(`"${text}" is no compat entry of Julia`);
  const given = numbersOf(version);
  const from = padded(given);
  switch (operator) {
    case '^':
      return { from, to: nextAfter(given, caretPosition(given)), isToIncluded: false };
    case '~':
      return { from, to: nextAfter(given, tildePosition(given)), isToIncluded: false };
    case '=':
      return { from, to: from, isToIncluded: true };
    case '<':
    case '<=':
    case '≤':
      return { from: ZERO, to: from, isToIncluded: operator !== '<' };
    case '>':
      return { from: [from[0], from[1], from[2] + 1], to: END, isToIncluded: true };
    default:
      return { from, to: END, isToIncluded: true };
  }
}

/** The first number that is not 0 may not change; of zeros alone, the last that is written. */
function caretPosition(given: readonly number[]): number {
  const first = given.findIndex((number) => number > 0);
  return first === -1 ? given.length - 1 : first;
}

/** The minor number stays; of `0.0.3` the patch number too. */
function tildePosition(given: readonly number[]): number {
  if (given.length === 3 && given[0] === 0 && given[1] === 0) return 2;
  return Math.min(1, given.length - 1);
}

function nextAfter(given: readonly number[], position: number): Numbers {
  return padded([...given.slice(0, position), (given[position] ?? 0) + 1]);
}

function numbersOf(text = ''): number[] {
  return text.split('.').map(Number);
}

function padded([major = 0, minor, patch]: readonly number[], filler = 0): Numbers {
  return [major, minor ?? filler, patch ?? filler];
}

function isInside(version: Numbers, { from, to, isToIncluded }: Interval): boolean {
  const end = order(version, to);
  return order(version, from) >= 0 && (isToIncluded ? end <= 0 : end < 0);
}

function order(a: Numbers, b: Numbers): number {
  // Two infinities have no difference.
  const position = a.findIndex((number, i) => number !== b[i]);
  return position === -1 ? 0 : (a[position] ?? 0) < (b[position] ?? 0) ? -1 : 1;
}

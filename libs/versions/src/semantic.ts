import semver from 'semver';
import { MAX_VERSION_LENGTH, RangeSyntaxError, type RangeTest, type Scheme } from './scheme.js';

/** Pre-releases count where the order says so: a rule for choosing what to install is none for what was. */
const OPTIONS = { includePrerelease: true } as const;

/** https://github.com/npm/node-semver#ranges */
export const npm = semanticScheme('npm semver', '^1.2.3 || >=2.1 <3', (range) => range);

/** https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html: a comma means and, nothing means caret. */
export const cargo = semanticScheme('Cargo version requirements', '>=1.2, <1.5', (range) => {
  if (range.includes('|') || / - /.test(range)) throw new RangeSyntaxError('Cargo joins requirements with commas only');
  return range
    .split(',')
    .map((part) => part.trim())
    .map((part) => (/^\d/.test(part) && !part.includes('*') ? `^${part}` : part))
    .join(' ');
});

/** https://go.dev/ref/mod#version-queries: comparators and prefixes, every version with its `v`. */
export const go = semanticScheme('Go module version queries', '>=v1.2.3', (range) => {
  if (/[~^|]/.test(range)) throw new RangeSyntaxError('Go knows <, <=, >, >=, and prefixes as in v1.2');
  return range.replaceAll(/(?<![\w.+-])v(?=\d)/g, '').replaceAll(',', ' ');
});

function semanticScheme(rules: string, example: string, toNpm: (range: string) => string): Scheme {
  return {
    rules,
    example,
    compare: (a, b) => {
      const [left, right] = [parse(a), parse(b)];
      return left === null || right === null ? null : semver.compare(left, right);
    },
    parseRange: (range) => parseRange(toNpm(range.trim())),
  };
}

function parse(text: string): semver.SemVer | null {
  return text.length > MAX_VERSION_LENGTH ? null : semver.parse(text.trim());
}

function parseRange(text: string): RangeTest {
  if (text.trim() === '') throw new RangeSyntaxError('the range is empty');
  let range: semver.Range;
  try {
    range = new semver.Range(text, OPTIONS);
  } catch {
    throw new RangeSyntaxError(`"${text}" is no range`);
  }
  return (written) => {
    const version = parse(written);
    return version === null ? 'undecidable' : range.test(version);
  };
}

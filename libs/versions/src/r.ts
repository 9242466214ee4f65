import { comparatorRange, COMPARISONS } from './comparators.js';
import { compareBy, compareDigits, MAX_VERSION_LENGTH, type Scheme } from './scheme.js';

const OPERATORS = new Map([
  ['<', COMPARISONS['<']],
  ['<=', COMPARISONS['<=']],
  ['==', COMPARISONS['=']],
  ['', COMPARISONS['=']],
  ['!=', COMPARISONS['!=']],
  ['>=', COMPARISONS['>=']],
  ['>', COMPARISONS['>']],
]);

/**
 * `package_version`: numbers between dots or hyphens (https://cran.r-project.org/doc/manuals/r-release/R-exts.html, "The
 * DESCRIPTION file"). 1.2 is older than 1.2.0, as `compareVersion` says.
 */
export const r: Scheme = {
  rules: 'R package versions',
  example: '>= 1.2.0, < 2.0.0',
  compare: compareBy(parse, compareVersions),
  parseRange: (range) => comparatorRange(range, { operators: OPERATORS, parse: parseOperand, order: compareVersions }),
};

function parse(text: string): string[] | null {
  if (text.length > MAX_VERSION_LENGTH) return null;
  return /^\d+(?:[.-]\d+)+$/.test(text.trim()) ? text.trim().split(/[.-]/) : null;
}

/** A range may name a series by one number, as in `>= 4`: R itself takes it as a numeric version. */
function parseOperand(text: string): string[] | null {
  return /^\d{1,9}$/.test(text) ? [text] : parse(text);
}

function compareVersions(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compareDigits(a[i] ?? '', b[i] ?? '');
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

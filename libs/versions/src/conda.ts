import { COMPARISONS } from './comparators.js';
import { compareConda, condaSeries, condaStartsWith, type CondaVersion, parseCondaVersion } from './conda-version.js';
import { compareBy, RangeSyntaxError, type RangeTest, type Scheme } from './scheme.js';

/**
 * https://docs.conda.io/projects/conda/en/stable/user-guide/concepts/pkg-specs.html#package-match-specifications:
 * `|` is or and binds least, `,` is and; `=1.2` and `1.2.*` mean that series, `1.2` and `==1.2` exactly that version.
 */
export const conda: Scheme = {
  rules: 'conda version specifications',
  example: '>=1.21,<2|2.0.*',
  compare: compareBy(parseCondaVersion, compareConda),
  parseRange,
};

type Test = (version: CondaVersion) => boolean;

const CONSTRAINT = /^(?<operator>~=|==|!=|<=|>=|=|<|>)?\s*(?<operand>[^\s<>=!~]+)$/;

function parseRange(range: string): RangeTest {
  if (/[()^$]/.test(range)) throw new RangeSyntaxError('parentheses and regular expressions are not understood here');
  const alternatives = range.split('|').map((part) => part.split(',').map((each) => constraint(each.trim())));
  return (text) => {
    const version = parseCondaVersion(text);
    if (version === null) return 'undecidable';
    return alternatives.some((tests) => tests.every((test) => test(version)));
  };
}

function constraint(text: string): Test {
  if (text === '*') return () => true;
  const { operator = '', operand = '' } = CONSTRAINT.exec(text)?.groups ?? {};
  if (operand === '') throw new RangeSyntaxError(`"${text}" is no version specification of conda`);
  const isPrefix = operand.endsWith('*');
  const stem = isPrefix ? operand.replace(/\.?\*$/, '') : operand;
  const version = stem.includes('*') ? null : parseCondaVersion(stem);
  if (version === null) throw new RangeSyntaxError(`"${operand}" is no version of conda`);
  const isOfSeries: Test = (each) => condaStartsWith(each, version);
  switch (operator) {
    case '=':
      return isOfSeries;
    case '':
    case '==':
      return isPrefix ? isOfSeries : (each) => compareConda(each, version) === 0;
    case '!=':
      return isPrefix ? (each) => !isOfSeries(each) : (each) => compareConda(each, version) !== 0;
    case '~=':
      return compatible(version, operand);
    default:
      // conda takes `>=1.2.*` for `>=1.2`.
      return ordered(operator, version);
  }
}

function ordered(operator: string, version: CondaVersion): Test {
  const comparison = operator in COMPARISONS ? COMPARISONS[operator as keyof typeof COMPARISONS] : undefined;
  if (comparison === undefined) throw new RangeSyntaxError(`"${operator}" is no operator of conda`);
  return (each) => comparison(compareConda(each, version));
}

function compatible(version: CondaVersion, written: string): Test {
  const series = condaSeries(version);
  if (series === null) throw new RangeSyntaxError(`~= needs a version of two parts at least, not "${written}"`);
  return (each) => compareConda(each, version) >= 0 && condaStartsWith(each, series);
}

import { RangeSyntaxError, type Scheme } from './scheme.js';

const CONSTRAINT = /^(?<operator>==?|!=|<=?|>=?|[~^])?\s*(?<operand>\S+)$/;

/** Where no order of versions is known, they are equal or not; everything else is undecidable, and said to be. */
export const unordered: Scheme = {
  rules: 'equality only: no order of these versions is known',
  example: '=1.2.3',
  compare: (a, b) => (a === b ? 0 : null),
  parseRange: (range) => {
    if (range.trim() === '*') return () => true;
    const { operator = '=', operand } = CONSTRAINT.exec(range.trim())?.groups ?? {};
    if (operand === undefined) throw new RangeSyntaxError(`"${range}" names no version`);
    return (version) => {
      if (operator === '=' || operator === '==') return version === operand;
      if (operator === '!=') return version !== operand;
      // What includes equality holds for the version itself.
      return version === operand && !['<', '>'].includes(operator) ? true : 'undecidable';
    };
  },
};

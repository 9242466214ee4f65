import { RangeSyntaxError, type RangeTest } from './scheme.js';

/** Whether a version stands to the operand as the operator says; `order` compares the version with the operand. */
export type Comparison = (order: number) => boolean;

export const COMPARISONS = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '=': (order) => order === 0,
  '!=': (order) => order !== 0,
  '>=': (order) => order >= 0,
  '>': (order) => order > 0,
} as const satisfies Readonly<Record<string, Comparison>>;

/** Of rpm and apk; no operator at all means equality. */
export const USUAL_OPERATORS: ReadonlyMap<string, Comparison> = new Map([
  ['<', COMPARISONS['<']],
  ['<=', COMPARISONS['<=']],
  ['=', COMPARISONS['=']],
  ['==', COMPARISONS['=']],
  ['', COMPARISONS['=']],
  ['!=', COMPARISONS['!=']],
  ['>=', COMPARISONS['>=']],
  ['>', COMPARISONS['>']],
]);

export interface ComparatorGrammar<V> {
  readonly operators: ReadonlyMap<string, Comparison>;
  /** Operators that ask for more than an order. */
  readonly relations?: ReadonlyMap<string, (version: V, operand: V) => boolean>;
  /** Why an operator that people write is not taken. */
  readonly refused?: ReadonlyMap<string, string>;
  readonly parse: (text: string) => V | null;
  readonly order: (version: V, operand: V) => number;
}

const OPERATOR = /^[<>=!~^≥≤]+/;

/**
 * Ranges that are a list of comparators: `>= 1.2, << 2`, with or without the parentheses of a dependency. A comma or a blank
 * means and, `|` means or.
 */
export function comparatorRange<V>(range: string, grammar: ComparatorGrammar<V>): RangeTest {
  const alternatives = range.split(/\|\|?/).map((part) => conjunction(part, grammar));
  return (text) => {
    const version = grammar.parse(text);
    if (version === null) return 'undecidable';
    return alternatives.some((comparators) => comparators.every((test) => test(version)));
  };
}

function conjunction<V>(text: string, grammar: ComparatorGrammar<V>): ((version: V) => boolean)[] {
  // A blank after an operator belongs to it.
  const parts = withoutParentheses(text.trim())
    .replaceAll(/([<>=!~^≥≤])[ \t]+/g, '$1')
    .split(/[\s,]+/)
    .filter((part) => part !== '');
  if (parts.length === 0) throw new RangeSyntaxError('a part of the range is empty');
  return parts.map((part) => comparator(part, grammar));
}

function comparator<V>(
  text: string,
  { operators, relations, refused, parse, order }: ComparatorGrammar<V>,
): (version: V) => boolean {
  if (text === '*') return () => true;
  const written = OPERATOR.exec(text)?.[0] ?? '';
  const reason = refused?.get(written);
  if (reason !== undefined) throw new RangeSyntaxError(reason);
  const comparison = operators.get(written);
  const relation =
    relations?.get(written) ?? (comparison && ((version: V, operand: V) => comparison(order(version, operand))));
  if (relation === undefined) throw new RangeSyntaxError(`"${written}" is no operator here`);
  const operand = parse(text.slice(written.length));
  if (operand === null) throw new RangeSyntaxError(`"${text.slice(written.length)}" is no version`);
  return (version) => relation(version, operand);
}

function withoutParentheses(text: string): string {
  return text.startsWith('(') && text.endsWith(')') ? text.slice(1, -1) : text;
}

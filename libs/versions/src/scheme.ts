/** true and false are certain; undecidable: the version does not follow the rules of its ecosystem. */
export type Verdict = boolean | 'undecidable';

/** Decides one version, as written. */
export type RangeTest = (version: string) => Verdict;

/** How an ecosystem writes versions and ranges. */
export interface Scheme {
  /** Name of the rules, for people. */
  readonly rules: string;
  /** A range as the ecosystem writes it, for messages. */
  readonly example: string;
  /** Negative: a is older; null: one of them is not a version of this ecosystem. */
  readonly compare: (a: string, b: string) => number | null;
  /** @throws RangeSyntaxError */
  readonly parseRange: (range: string) => RangeTest;
}

/** What is asked is not a range of the ecosystem. */
export class RangeSyntaxError extends Error {
  override readonly name = 'RangeSyntaxError';
}

/** Longer text is no version: nothing of what follows needs to be quick with it. */
export const MAX_VERSION_LENGTH = 256;

/** `compare` of texts out of `parse` and the order of what it gives. */
export function compareBy<V>(parse: (text: string) => V | null, order: (a: V, b: V) => number): Scheme['compare'] {
  return (a, b) => {
    const [left, right] = [parse(a), parse(b)];
    return left === null || right === null ? null : order(left, right);
  };
}

/** Digits of any length, as the numbers that they are. */
export function compareDigits(a: string, b: string): number {
  const [left, right] = [withoutZeros(a), withoutZeros(b)];
  return left.length - right.length || compareText(left, right);
}

export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** "00120" -> "120", "00" -> "" */
function withoutZeros(digits: string): string {
  let start = 0;
  while (digits[start] === '0') start++;
  return digits.slice(start);
}

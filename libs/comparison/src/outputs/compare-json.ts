import type { OutputTolerance } from '@envarium/schema';
import { excerpt, type Finding, Unreadable } from './finding.js';
import { isLongInteger, NumberDifferences, readNumber } from './number-differences.js';

/** Python writes NaN and Infinity, which JSON does not have; and integers, longer than a double can hold. */
const TOKEN = /"|-?(?:Infinity|NaN)|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const NEEDS_TOKENS = /NaN|Infinity|\d{16}/;
const MARK = '\u0000number ';

interface Place {
  readonly parent: Place | null;
  readonly key: string | number;
}

interface Pair {
  readonly before: unknown;
  readonly after: unknown;
  readonly place: Place | null;
}

/** Value by value, without recursion: numbers with a tolerance, everything else exactly. @throws Unreadable */
export function compareJson(before: string, after: string, tolerance: OutputTolerance): Finding {
  const numbers = new NumberDifferences(tolerance);
  const open: Pair[] = [{ before: readJson(before), after: readJson(after), place: null }];
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    const difference = comparePair(pair, numbers, open);
    if (difference !== null) {
      return { how: 'numbers', isWithin: false, detail: `${pointerOf(pair.place)}: ${difference}` };
    }
  }
  return numbers.finding();
}

/** @returns null, or what differs that no tolerance can cover */
function comparePair(pair: Pair, numbers: NumberDifferences, open: Pair[]): string | null {
  const { before, after, place } = pair;
  if (isNumber(before) && isNumber(after)) {
    compareNumbers(before, after, numbers, () => pointerOf(place));
    return null;
  }
  if (kindOf(before) !== kindOf(after)) return `${kindOf(before)} became ${kindOf(after)}`;
  if (Array.isArray(before) && Array.isArray(after)) {
    if (before.length !== after.length) return `${before.length} elements became ${after.length}`;
    // The last one first: what is taken from the end of `open` is then in the order of the text.
    for (let index = before.length - 1; index >= 0; index--) {
      open.push({ before: before[index], after: after[index], place: { parent: place, key: index } });
    }
    return null;
  }
  if (isObject(before) && isObject(after)) return compareObjects(before, after, place, open);
  return before === after ? null : `${describe(before)} became ${describe(after)}`;
}

function compareObjects(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  place: Place | null,
  open: Pair[],
): string | null {
  const gone = Object.keys(before).find((key) => !Object.hasOwn(after, key));
  if (gone !== undefined) return `${excerpt(gone)} is gone`;
  const added = Object.keys(after).find((key) => !Object.hasOwn(before, key));
  if (added !== undefined) return `${excerpt(added)} is new`;
  for (const key of Object.keys(before).toReversed()) {
    open.push({ before: before[key], after: after[key], place: { parent: place, key } });
  }
  return null;
}

function compareNumbers(
  before: number | string,
  after: number | string,
  numbers: NumberDifferences,
  place: () => string,
) {
  const [left, right] = [String(before).replace(MARK, ''), String(after).replace(MARK, '')];
  if (isLongInteger(left) && isLongInteger(right)) numbers.addLong(left, right, place);
  else numbers.add(readNumber(left) ?? Number.NaN, readNumber(right) ?? Number.NaN, place);
}

function readJson(text: string): unknown {
  const marked = NEEDS_TOKENS.test(text) ? markNumbers(text) : text;
  try {
    return JSON.parse(marked.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new Unreadable('not JSON', { cause: error });
  }
}

/** Puts numbers that JSON cannot hold into marked strings; what stands in strings already is left alone. */
function markNumbers(text: string): string {
  const parts: string[] = [];
  let copied = 0;
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const [token] = match;
    if (token === '"') TOKEN.lastIndex = endOfString(text, match.index);
    else if (isLongInteger(token) || /[IN]/.test(token)) {
      parts.push(text.slice(copied, match.index), JSON.stringify(MARK + token));
      copied = TOKEN.lastIndex;
    }
  }
  return parts.join('') + text.slice(copied);
}

/** A quote after an odd number of backslashes is part of the string. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return text.length;
}

function isNumber(value: unknown): value is number | string {
  return typeof value === 'number' || (typeof value === 'string' && value.startsWith(MARK));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (isNumber(value)) return 'a number';
  return { object: 'an object', string: 'text' }[String(typeof value)] ?? `a ${typeof value}`;
}

function describe(value: unknown): string {
  return typeof value === 'string' ? excerpt(value) : String(value);
}

/** JSON Pointer: https://datatracker.ietf.org/doc/html/rfc6901 */
function pointerOf(place: Place | null): string {
  const keys: string[] = [];
  for (let at = place; at !== null; at = at.parent) {
    keys.push(String(at.key).replaceAll('~', '~0').replaceAll('/', '~1'));
  }
  const pointer = keys
    .toReversed()
    .map((key) => `/${key}`)
    .join('');
  if (pointer === '') return 'the whole document';
  return pointer.length > 200 ? `${pointer.slice(0, 200)}...` : pointer;
}

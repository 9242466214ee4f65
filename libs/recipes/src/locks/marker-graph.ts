import { both, either, type Truth } from './marker.js';

export interface Edge {
  readonly to: string;
  readonly marker: Truth;
}

/** Ways that are followed one by one; the locks of large projects need some thousands. */
const MOST_WAYS = 100_000;
/** A marker that grew longer says less than that the package may be needed. */
const MOST_CHARACTERS = 2000;

/**
 * The condition under which each package is needed: on any way from a root, all markers of the way hold.
 *
 * @returns only what is reached
 */
export function conditionsOf(roots: readonly Edge[], edgesFrom: (key: string) => readonly Edge[]): Map<string, Truth> {
  const conditions = new Map<string, Truth>();
  let changed = new Set<string>();
  for (const { to, marker } of roots) merge(conditions, to, marker, changed);
  let ways = 0;
  while (changed.size > 0) {
    const from = changed;
    changed = new Set();
    for (const key of from) {
      const condition = conditions.get(key) ?? false;
      for (const { to, marker } of edgesFrom(key)) {
        ways += 1;
        // Too many ways: installing more than is needed is the safe side, and comes to an end.
        merge(conditions, to, ways < MOST_WAYS ? both(condition, marker) : true, changed);
      }
    }
  }
  return conditions;
}

function merge(conditions: Map<string, Truth>, key: string, marker: Truth, changed: Set<string>): void {
  const before = conditions.get(key) ?? false;
  if (marker === false || before === true || includes(before, marker)) return;
  const after = either(before, marker);
  conditions.set(key, typeof after === 'string' && after.length > MOST_CHARACTERS ? true : after);
  changed.add(key);
}

/** Conditions are joined by `or` at the top, so that one that is there already, or is narrower, adds nothing. */
function includes(before: Truth, marker: Truth): boolean {
  if (typeof before !== 'string' || typeof marker !== 'string') return before === marker;
  const known = alternatives(before);
  return alternatives(marker).every((one) =>
    known.some((other) => one === other || terms(other).every((term) => terms(one).includes(term))),
  );
}

function alternatives(marker: string): string[] {
  return splitTop(marker, ' or ');
}

function terms(alternative: string): string[] {
  return splitTop(alternative, ' and ');
}

/** Splits outside parentheses. */
function splitTop(text: string, separator: string): string[] {
  const parts: string[] = [];
  let level = 0;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '(') level += 1;
    else if (text[at] === ')') level -= 1;
    else if (level === 0 && text.startsWith(separator, at)) {
      parts.push(text.slice(start, at));
      start = at + separator.length;
    }
  }
  return [...parts, text.slice(start)];
}

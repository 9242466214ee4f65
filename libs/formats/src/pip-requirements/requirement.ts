import { parseSpecifier, type VersionClause } from './pep440.js';

/** A requirement of PEP 508 (https://packaging.python.org/en/latest/specifications/dependency-specifiers/). */
export interface Requirement {
  readonly name: string;
  readonly extras: readonly string[];
  readonly clauses: readonly VersionClause[];
  /** the specifier, with extras, as written; null for a bare name */
  readonly specifier: string | null;
  readonly url: string | null;
  readonly marker: string | null;
}

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?/;
/** A direct reference is absolute: a path after `@` is none. */
const URL = /^(?:file:|[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/\s])\S+$/;
const EXTRA = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;

/**
 * @param text a requirement without its marker
 * @returns null when the text is no requirement
 */
export function parseRequirement(text: string, marker: string | null = null): Requirement | null {
  const name = NAME.exec(text)?.[0];
  if (name === undefined) return null;
  const bracket = readExtras(trimBlanks(text.slice(name.length)));
  if (bracket === null) return null;
  const { extras, rest } = bracket;
  if (rest.startsWith('@')) {
    const url = trimBlanks(rest.slice(1));
    return URL.test(url) ? { name, extras, clauses: [], specifier: spell(extras, ''), url, marker } : null;
  }
  const clauses = parseClauses(rest);
  return clauses === null ? null : { name, extras, clauses, specifier: spell(extras, rest), url: null, marker };
}

/** Old metadata puts the clauses in parentheses. */
function parseClauses(text: string): VersionClause[] | null {
  if (!text.startsWith('(')) return parseSpecifier(text);
  const inside = text.endsWith(')') ? text.slice(1, -1) : '';
  return inside === '' || inside.includes('===') ? null : parseSpecifier(inside);
}

function readExtras(text: string): { extras: string[]; rest: string } | null {
  if (!text.startsWith('[')) return { extras: [], rest: text };
  const end = text.indexOf(']');
  if (end === -1) return null;
  const inside = text.slice(1, end).trim();
  const extras = inside === '' ? [] : inside.split(',').map((extra) => extra.trim());
  if (!extras.every((extra) => EXTRA.test(extra))) return null;
  return { extras, rest: trimBlanks(text.slice(end + 1)) };
}

function trimBlanks(text: string): string {
  return text.replace(/^[ \t]+/, '').trimEnd();
}

function spell(extras: readonly string[], written: string): string | null {
  const specifier = (extras.length === 0 ? '' : `[${extras.join(',')}]`) + written;
  return specifier === '' ? null : specifier;
}

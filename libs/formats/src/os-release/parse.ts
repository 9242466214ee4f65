import { limits } from '../limits.js';
import { readShellWord } from '../shell-word.js';
import { splitLines } from '../text.js';

export interface OsReleaseField {
  readonly value: string;
  readonly line: number;
}

export interface OsRelease {
  readonly fields: ReadonlyMap<string, OsReleaseField>;
  /** lines that are neither a comment nor an assignment */
  readonly badLines: readonly number[];
}

/** The specification allows capitals, digits and underscores. */
const ASSIGNMENT = /^\s*([A-Z][A-Z0-9_]*)=/;

/** Reads the fields of os-release: shell assignments without expansion, of which the last holds. */
export function parseOsRelease(text: string): OsRelease {
  const fields = new Map<string, OsReleaseField>();
  const badLines: number[] = [];
  for (const [index, content] of splitLines(text).entries()) {
    const line = index + 1;
    if (/^\s*(?:#|$)/.test(content)) continue;
    const [whole, name] = (content.length <= limits.lineCharacters ? ASSIGNMENT.exec(content) : null) ?? [];
    const word = whole === undefined ? null : readShellWord(content.slice(whole.length));
    if (name === undefined || word === null || !word.isClosed || !/^\s*(?:#.*)?$/.test(word.rest)) badLines.push(line);
    else fields.set(name, { value: word.text, line });
  }
  return { fields, badLines };
}

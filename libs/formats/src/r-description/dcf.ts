import { FormatError } from '../format.js';
import { limits } from '../limits.js';
import type { ProblemLog } from '../problem-log.js';

/** One line of a value. Values of several lines keep them apart, so that each dependency has its line. */
export interface ValueLine {
  readonly text: string;
  readonly line: number;
}

export type Fields = ReadonlyMap<string, readonly ValueLine[]>;

const REGULAR = /^([^\s:][^:]*):(.*)$/;

/**
 * The first record of a Debian control file as R reads one: `tag:value`, continued by lines that begin with a blank. R
 * refuses a file with any other line, and so does this. https://rdrr.io/r/base/dcf.html
 *
 * @throws FormatError with the line of the fault
 */
export function readFields(lines: readonly string[], problems: ProblemLog): Fields {
  const fields = new Map<string, ValueLine[]>();
  let current: ValueLine[] | null = null;
  let isOver = false;
  for (const [index, content] of lines.entries()) {
    const line = index + 1;
    if (content.trim() === '') {
      isOver = fields.size > 0;
      continue;
    }
    if (isOver) {
      problems.add({ reason: 'unsupported-option', message: 'Only the first record of the file is read.', line });
      return fields;
    }
    if (content.length > limits.lineCharacters) {
      throw new FormatError('limit-exceeded', `A line is read up to ${limits.lineCharacters} characters.`, line);
    }
    if (/^\s/.test(content)) {
      if (current === null) {
        throw new FormatError('syntax-invalid', 'A continuation line stands before the first field.', line);
      }
      current.push({ text: content.trim(), line });
      continue;
    }
    const [, tag, value = ''] = REGULAR.exec(content) ?? [];
    if (tag === undefined) throw new FormatError('syntax-invalid', 'The line is no "Field: value".', line);
    if (fields.has(tag)) {
      problems.add({ reason: 'duplicate-entry', message: `${tag} stands twice; the last one is read.`, line });
    }
    current = [{ text: value.trim(), line }];
    fields.set(tag, current);
  }
  return fields;
}

/** The value in one line. */
export function textOf(fields: Fields, tag: string): string {
  return (fields.get(tag) ?? [])
    .map(({ text }) => text)
    .join(' ')
    .trim();
}

/** The items of a list with commas, each with the line where it begins. */
export function itemsOf(fields: Fields, tag: string): ValueLine[] {
  const items: ValueLine[] = [];
  let parts: string[] = [];
  let start: number | null = null;
  const close = (): void => {
    if (start !== null) items.push({ text: parts.join(' '), line: start });
    parts = [];
    start = null;
  };
  for (const { text, line } of fields.get(tag) ?? []) {
    for (const [index, piece] of text.split(',').entries()) {
      if (index > 0) close();
      if (piece.trim() === '') continue;
      if (items.length >= limits.packages) {
        throw new FormatError('limit-exceeded', `A field is read up to ${limits.packages} items.`, line);
      }
      start ??= line;
      parts.push(piece.trim());
    }
  }
  close();
  return items;
}

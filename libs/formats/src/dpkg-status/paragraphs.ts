import { limits } from '../limits.js';
import type { ProblemLog } from '../problem-log.js';

/** A field of the control-file syntax, its value without continuation lines. */
export interface Field {
  readonly value: string;
  readonly line: number;
}

/** Field names in lower case: dpkg compares them without case. */
export type Paragraph = ReadonlyMap<string, Field>;

export const FIELD = /^([!-,.-9;-~][!-9;-~]*):[ \t]*(.*)$/;

/**
 * Reads control-file syntax (https://manpages.debian.org/deb822.5) as its lenient readers do: a line that is no field, no
 * continuation and no comment becomes a problem, and the rest is kept.
 */
export function readParagraphs(lines: readonly string[], problems: ProblemLog): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  let fields = new Map<string, Field>();
  for (const [index, content] of lines.entries()) {
    const line = index + 1;
    if (content.trim() === '') {
      if (fields.size > 0) paragraphs.push(fields);
      fields = new Map();
      continue;
    }
    if (/^[ \t#]/.test(content)) continue;
    if (content.length > limits.lineCharacters) {
      problems.add({ reason: 'limit-exceeded', message: 'The line is too long to be read.', line });
      continue;
    }
    const [, name, value = ''] = FIELD.exec(content) ?? [];
    if (name === undefined) {
      problems.add({ reason: 'syntax-invalid', message: 'The line is no field: it has no "Name:".', line });
      continue;
    }
    const key = name.toLowerCase();
    if (fields.has(key)) {
      problems.add({ reason: 'duplicate-entry', message: `${name} stands twice; the first one is read.`, line });
      continue;
    }
    fields.set(key, { value: value.trimEnd(), line });
  }
  if (fields.size > 0) paragraphs.push(fields);
  return paragraphs;
}

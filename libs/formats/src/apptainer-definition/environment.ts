import type { EnvironmentSpec } from '@envarium/schema';
import { readShellWord } from '../shell-word.js';
import { withoutSecret } from '../variable-secrets.js';
import { fillTemplate } from './template.js';
import type { Section } from './stages.js';

const ASSIGNMENT = /^\s*(?:export\s+)?([A-Za-z_]\w*)=/;
const EXPORT = /^\s*export(?:\s+[A-Za-z_]\w*)+\s*$/;
const RUN = /`|\$\(/;

/**
 * The variables that `%environment` sets, as far as that is certain: it is a script, of which only assignments are read. A
 * value that a program would have to give is left out; `$PATH` stays as it is written.
 */
export function readEnvironment(
  section: Section,
  defaults: ReadonlyMap<string, string>,
  spec: EnvironmentSpec,
): Map<string, string> {
  const values = new Map<string, string>();
  let programLine: number | null = null;
  for (const [index, content] of section.body.entries()) {
    const line = section.line + 1 + index;
    const { text, unknown } = fillTemplate(content, defaults);
    if (/^\s*(?:#|$)/.test(text) || EXPORT.test(text)) continue;
    const found = RUN.test(text) || unknown.length > 0 ? null : assignments(text);
    if (found === null) programLine ??= line;
    for (const [name, value] of found ?? []) {
      const shown = withoutSecret(name, value, line, spec);
      if (shown !== null) values.set(name, shown);
    }
  }
  if (programLine !== null) {
    const message = 'A line of %environment is decided only when the container runs or is built.';
    spec.problems.push({ reason: 'dynamic-value', message, line: programLine });
  }
  return values;
}

/** `export A=1 B=2`, `A=1; export A`; null when there is anything else. */
function assignments(line: string): [string, string][] | null {
  const found: [string, string][] = [];
  let rest = line;
  for (;;) {
    rest = rest.replace(/^[\s;]+/, '');
    if (rest === '' || rest.startsWith('#') || EXPORT.test(rest)) return found;
    const match = ASSIGNMENT.exec(rest);
    if (match?.[1] === undefined) return null;
    const word = readShellWord(rest.slice(match[0].length));
    if (!word.isClosed) return null;
    found.push([match[1], word.text]);
    rest = word.rest;
  }
}

import { limits } from '../limits.js';
import { readShellWord } from '../shell-word.js';
import { splitLines } from '../text.js';

export interface Variable {
  readonly name: string;
  readonly value: string;
  readonly line: number;
}

export interface VariableListing {
  readonly variables: readonly Variable[];
  /** the first line that belongs to no variable, and no comment */
  readonly foreignLine: number | null;
  /** lines with a variable, with comments or with nothing */
  readonly ownLines: number;
}

/** Windows has `ProgramFiles(x86)`, bash exports functions as `BASH_FUNC_module%%`. */
const PLAIN = /^(?:[A-Za-z_]\w*(?:\(\w+\))?|BASH_FUNC_[^=\s]+)=/;
/** What `export -p` and `declare -x` print, and what people write into files that a shell reads. */
const SHELL = /^\s*(?:export(?: -p)?|(?:declare|typeset) -[a-zA-Z]*x[a-zA-Z]*)[ \t]+([A-Za-z_]\w*)(?:=|[ \t]*$)/;
const C_SHELL = /^\s*setenv[ \t]+([A-Za-z_]\w*)[ \t]+/;
const POWERSHELL = /^\s*\$env:([A-Za-z_]\w*)[ \t]*=[ \t]*/i;
const FORMS = [SHELL, C_SHELL, POWERSHELL] as const;
const COMMENT = /^\s*(?:#|$)/;
/** A quoted value goes on for so many lines at most: else a quote that is never closed would be looked for on each line. */
const MOST_VALUE_LINES = 200;

/**
 * The variables of a listing, in its order. What a shell is to read follows the quotes of a shell; elsewhere a value is
 * everything up to the next line that begins with a name and `=`, as `env` prints it.
 */
export function parseVariables(text: string): VariableListing {
  const lines = splitLines(text);
  return lines.some((line) => FORMS.some((form) => form.test(line))) ? parseShell(lines) : parsePlain(lines);
}

function parsePlain(lines: readonly string[]): VariableListing {
  const variables: { name: string; value: string; line: number }[] = [];
  let foreignLine: number | null = null;
  let ownLines = 0;
  for (const [index, content] of lines.entries()) {
    const name = PLAIN.exec(content)?.[0].slice(0, -1);
    const last = variables.at(-1);
    if (name !== undefined) variables.push({ name, value: content.slice(name.length + 1), line: index + 1 });
    else if (last !== undefined && (index < lines.length - 1 || content !== '')) last.value += `\n${content}`;
    else if (!COMMENT.test(content)) foreignLine ??= index + 1;
    if (name !== undefined || COMMENT.test(content)) ownLines += 1;
  }
  return { variables: variables.map((each) => ({ ...each, value: unquote(each.value) })), foreignLine, ownLines };
}

/** `.env` files may quote; `env` does not, and hardly any value is a quoted text itself. Comments and blank lines end there. */
function unquote(value: string): string {
  const lines = value.split('\n');
  while (lines.length > 1 && COMMENT.test(lines.at(-1) ?? '')) lines.pop();
  const text = lines.join('\n');
  const quote = text.charAt(0);
  const isQuoted = text.length > 1 && (quote === '"' || quote === "'") && text.endsWith(quote);
  return isQuoted ? text.slice(1, -1) : text;
}

function parseShell(lines: readonly string[]): VariableListing {
  const variables: Variable[] = [];
  let foreignLine: number | null = null;
  let ownLines = 0;
  for (let index = 0; index < lines.length; index += 1) {
    const content = lines[index] ?? '';
    if (COMMENT.test(content)) {
      ownLines += 1;
      continue;
    }
    const match = FORMS.map((form) => form.exec(content)).find((found) => found !== null) ?? PLAIN.exec(content);
    if (match === null) {
      foreignLine ??= index + 1;
      continue;
    }
    const value = readValue(lines, index, match[0].length);
    const name = match[1] ?? match[0].slice(0, -1);
    // `export -p` also lists names that have no value.
    if (/[=\s]$/.test(match[0])) variables.push({ name, value: value.text, line: index + 1 });
    ownLines += value.lines;
    index += value.lines - 1;
  }
  return { variables, foreignLine, ownLines };
}

function readValue(lines: readonly string[], first: number, start: number): { text: string; lines: number } {
  const word = readShellWord((lines[first] ?? '').slice(start));
  if (word.isClosed) return { text: word.text, lines: 1 };
  const raw = lines
    .slice(first, first + MOST_VALUE_LINES)
    .join('\n')
    .slice(start, start + limits.lineCharacters);
  const longer = readShellWord(raw);
  if (!longer.isClosed) return { text: word.text, lines: 1 };
  const used = raw.slice(0, raw.length - longer.rest.length);
  return { text: longer.text, lines: used.split('\n').length };
}

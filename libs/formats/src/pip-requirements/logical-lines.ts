import { splitLinesWithinLimit } from '../text.js';

export interface SourceLine {
  readonly text: string;
  /** 1-based, as an editor counts */
  readonly line: number;
}

/** Where Python's `str.splitlines`, and so pip, ends a line besides the usual ends. */
// oxlint-disable-next-line no-control-regex
const LINE_END = /[\v\f\x1c-\x1e\x85\u2028\u2029]/;

/**
 * @returns the lines of a text as pip divides them; for an editor, several of them may stand in one line
 * @throws FormatError when there are too many
 */
export function sourceLines(text: string): SourceLine[] {
  return splitLinesWithinLimit(text).flatMap((content, index) =>
    content.split(LINE_END).map((part) => ({ text: part, line: index + 1 })),
  );
}

/**
 * Lines as pip reads them, in its order: continuations are joined, then comments are taken away. A comment line ends a
 * continuation, `a # b \` does not, and a comment begins with `#` at the start or after a blank: `a==1#b` has none.
 * https://pip.pypa.io/en/stable/reference/requirements-file-format/#line-continuations
 */
export function logicalLines(lines: readonly SourceLine[]): SourceLine[] {
  return joinContinuations(lines).flatMap(({ text, line }) => {
    const content = withoutComment(text).trim();
    return content === '' ? [] : [{ text: content, line }];
  });
}

function joinContinuations(lines: readonly SourceLine[]): SourceLine[] {
  const joined: SourceLine[] = [];
  let parts: string[] = [];
  let firstLine = 0;
  for (const { text, line } of lines) {
    const isComment = /^\s*#/.test(text);
    if (text.endsWith('\\') && !isComment) {
      if (parts.length === 0) firstLine = line;
      parts.push(trimBackslashes(text));
      continue;
    }
    if (parts.length === 0) joined.push({ text, line });
    else joined.push({ text: [...parts, isComment ? ` ${text}` : text].join(''), line: firstLine });
    parts = [];
  }
  if (parts.length > 0) joined.push({ text: parts.join(''), line: firstLine });
  return joined;
}

function trimBackslashes(text: string): string {
  let start = 0;
  let end = text.length;
  while (text.charAt(start) === '\\') start += 1;
  while (end > start && text.charAt(end - 1) === '\\') end -= 1;
  return text.slice(start, end);
}

function withoutComment(text: string): string {
  const start = commentStart(text);
  return start === -1 ? text : text.slice(0, start);
}

function commentStart(text: string): number {
  for (let at = text.indexOf('#'); at !== -1; at = text.indexOf('#', at + 1)) {
    if (at === 0 || /\s/.test(text.charAt(at - 1))) return at;
  }
  return -1;
}

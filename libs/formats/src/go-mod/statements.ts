import { FormatError } from '../format.js';
import { limits } from '../limits.js';

/** One directive. A block is given as one statement for each of its lines, as the go command reads it. */
export interface Statement {
  readonly verb: string;
  readonly words: readonly string[];
  /** of the end of the line, without `//` */
  readonly comment: string | null;
  readonly line: number;
}

interface Line {
  readonly words: readonly string[];
  readonly comment: string | null;
}

const BLOCKS: ReadonlySet<string> = new Set([
  'module',
  'require',
  'exclude',
  'replace',
  'retract',
  'godebug',
  'tool',
  'ignore',
]);
const DIRECTIVES: ReadonlySet<string> = new Set([...BLOCKS, 'go', 'toolchain']);
/** A string, an arrow, a mark of its own, or a word; a word ends where a comment begins. */
const BLANKS = /[ \t\r\f\v\u00a0]*/y;
const QUOTED = /"(?:[^"\\]|\\.)*"|`[^`]*`/y;
const PUNCTUATION = /[()[\]{},]/y;
const WORD = /(?:(?!\/[/*])[^\s()[\]{},])+/y;

/**
 * The lexical rules of https://go.dev/ref/mod#go-mod-file-lexical. The go command refuses a file with one wrong line, and
 * so does this.
 *
 * @throws FormatError with the line of the fault
 */
export function readStatements(lines: readonly string[]): Statement[] {
  const statements: Statement[] = [];
  let block: { verb: string; line: number } | null = null;
  for (const [index, content] of lines.entries()) {
    const line = index + 1;
    const { words, comment } = readLine(content, line);
    const [first] = words;
    if (first === undefined) continue;
    if (statements.length > limits.packages) {
      throw new FormatError('limit-exceeded', `A go.mod is read up to ${limits.packages} directives.`, line);
    }
    if (block !== null) {
      if (first === ')') {
        if (words.length > 1) throw invalid('Something stands behind the closing parenthesis.', line);
        block = null;
      } else if (first === '(') throw invalid('A block stands in a block.', line);
      else statements.push({ verb: block.verb, words, comment, line });
      continue;
    }
    const opens = words.at(-1) === '(';
    const isEmptyBlock = words.length === 3 && words[1] === '(' && words[2] === ')';
    if (opens || isEmptyBlock) {
      if (words.length > (opens ? 2 : 3) || !BLOCKS.has(first)) {
        throw invalid(`${shown(words.slice(0, -1).join(' '))} opens no block.`, line);
      }
      block = opens ? { verb: first, line } : null;
      continue;
    }
    if (!DIRECTIVES.has(first)) throw invalid(`${shown(first)} is no directive.`, line);
    statements.push({ verb: first, words: words.slice(1), comment, line });
  }
  if (block !== null) throw invalid(`The block ${block.verb} is not closed.`, block.line);
  return statements;
}

function readLine(content: string, line: number): Line {
  if (content.length > limits.lineCharacters) {
    throw new FormatError('limit-exceeded', `A line is read up to ${limits.lineCharacters} characters.`, line);
  }
  const words: string[] = [];
  let at = match(BLANKS, content, 0).length;
  while (at < content.length) {
    if (content.startsWith('//', at)) return { words, comment: content.slice(at + 2).trim() };
    if (content.startsWith('/*', at)) throw invalid('Comments in go.mod are // comments.', line);
    const first = content.charAt(at);
    const isQuoted = first === '"' || first === '`';
    const token = isQuoted ? match(QUOTED, content, at) : match(PUNCTUATION, content, at) || match(WORD, content, at);
    if (token === '') throw invalid(isQuoted ? 'A string is not closed.' : 'A character has no place here.', line);
    words.push(isQuoted ? unquote(token, line) : token);
    at += token.length;
    at += match(BLANKS, content, at).length;
  }
  return { words, comment: null };
}

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

/** Interpreted strings of Go; module paths need none of its escapes but these. */
function unquote(token: string, line: number): string {
  const inner = token.slice(1, -1);
  if (token.startsWith('`') || !inner.includes('\\')) return inner;
  try {
    const text: unknown = JSON.parse(token);
    if (typeof text === 'string') return text;
  } catch {
    // falls through to the refusal
  }
  throw invalid('A string has an escape that is not read.', line);
}

/** @throws FormatError unless the directive has exactly one value */
export function onlyWord(words: readonly string[], verb: string, line: number): string {
  const [word] = words;
  if (word === undefined || words.length > 1) throw invalid(`${verb} takes one value.`, line);
  return word;
}

export function invalid(message: string, line: number): FormatError {
  return new FormatError('syntax-invalid', message, line);
}

/** Foreign text in a message. */
export function shown(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

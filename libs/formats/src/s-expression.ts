import { FormatError } from './format.js';
import { limits } from './limits.js';

/** A datum of Scheme, read and never evaluated. Quotes are lists as in Scheme: `'a` is `(quote a)`. */
export type Datum = ListDatum | AtomDatum;

export interface ListDatum {
  readonly kind: 'list';
  readonly items: readonly Datum[];
  /** 1-based */
  readonly line: number;
}

export interface AtomDatum {
  /** a symbol is also a number, a keyword, a character */
  readonly kind: 'string' | 'symbol';
  readonly text: string;
  readonly line: number;
}

const QUOTES: Readonly<Record<string, string>> = {
  "'": 'quote',
  '`': 'quasiquote',
  ',': 'unquote',
  ',@': 'unquote-splicing',
  "#'": 'syntax',
  '#`': 'quasisyntax',
  '#,': 'unsyntax',
  '#~': 'gexp',
  '#$': 'ungexp',
  '#$@': 'ungexp-splicing',
  '#+': 'ungexp-native',
  '#+@': 'ungexp-native-splicing',
  '#;': '',
};
const QUOTE = /#[$+]@|,@|#[;~$+'`,]|['`,]/y;
const BLANK = /[\s\u00a0]+/y;
const LINE_COMMENT = /;[^\n\r]*/y;
const OPEN = /(?:#(?:vu8|u8|[sfuc]\d{1,2})?)?[([]/y;
/** Characters may be delimiters: `#\(`. */
const CHARACTER = /#\\(?:[A-Za-z][\w-]*|[^])/y;
const BRACED = /#\{[^}\n]{0,200}\}#|\|[^|\n]{0,200}\|/y;
const COMMENT_EDGE = /#\||\|#/g;
const SYMBOL = /[^\s()[\]";'`,]+/y;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0', a: '\x07' };

interface Frame {
  readonly items: Datum[];
  readonly line: number;
  /** null: a list; else a quote that waits for its datum, '' the comment of one */
  readonly quote: string | null;
}

/** @throws FormatError with the line of what is not closed, or not opened */
export function parseSExpressions(text: string): Datum[] {
  const root: Datum[] = [];
  const stack: Frame[] = [];
  let at = 0;
  let line = 1;

  while (at < text.length) {
    if (match(BLANK) !== null || match(LINE_COMMENT) !== null) continue;
    if (text.startsWith('#|', at)) skipBlockComment();
    else if (at === 0 && text.startsWith('#!') && text.includes('!#')) take(text.indexOf('!#') + 2);
    else if (text[at] === '"') readString();
    else if (text[at] === ')' || text[at] === ']') close();
    else readDatum();
  }
  const open = stack.at(-1);
  if (open !== undefined) throw syntaxError(`What opens in line ${open.line} is not closed.`, open.line);
  return root;

  function readDatum(): void {
    const start = line;
    const character = match(CHARACTER) ?? match(BRACED);
    if (character !== null) return add({ kind: 'symbol', text: character, line: start });
    if (match(OPEN) !== null) return push(null, start);
    const quote = match(QUOTE);
    if (quote !== null) return push(QUOTES[quote] ?? '', start);
    const symbol = match(SYMBOL);
    if (symbol === null) throw syntaxError(`A character in line ${start} belongs to nothing.`, start);
    add({ kind: 'symbol', text: symbol, line: start });
  }

  function push(quote: string | null, start: number): void {
    if (stack.length >= limits.nesting) {
      throw new FormatError('limit-exceeded', `The file nests deeper than ${limits.nesting} levels.`, start);
    }
    stack.push({ items: [], line: start, quote });
  }

  function add(datum: Datum): void {
    let whole = datum;
    for (let frame = stack.at(-1); frame !== undefined && frame.quote !== null; frame = stack.at(-1)) {
      stack.pop();
      if (frame.quote === '') return;
      const mark: Datum = { kind: 'symbol', text: frame.quote, line: frame.line };
      whole = { kind: 'list', items: [mark, whole], line: frame.line };
    }
    (stack.at(-1)?.items ?? root).push(whole);
  }

  function close(): void {
    const frame = stack.pop();
    if (frame === undefined || frame.quote !== null) throw syntaxError(`Line ${line} closes what is not open.`, line);
    take(1);
    add({ kind: 'list', items: frame.items, line: frame.line });
  }

  function readString(): void {
    const start = line;
    let value = '';
    let end = at + 1;
    while (end < text.length && text[end] !== '"') {
      const isEscape = text[end] === '\\';
      const character = text.charAt(isEscape ? end + 1 : end);
      value += isEscape ? (ESCAPES[character] ?? character) : character;
      end += isEscape ? 2 : 1;
    }
    if (end >= text.length) throw syntaxError(`The string that opens in line ${start} is not closed.`, start);
    take(end + 1 - at);
    add({ kind: 'string', text: value, line: start });
  }

  /** These nest. */
  function skipBlockComment(): void {
    const start = line;
    let depth = 0;
    do {
      COMMENT_EDGE.lastIndex = at;
      const edge = COMMENT_EDGE.exec(text);
      if (edge === null) throw syntaxError(`The comment that opens in line ${start} is not closed.`, start);
      depth += edge[0] === '#|' ? 1 : -1;
      take(edge.index + 2 - at);
    } while (depth > 0);
  }

  function match(pattern: RegExp): string | null {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? null;
    if (found !== null) take(found.length);
    return found;
  }

  function take(length: number): void {
    for (let index = at; index < at + length; index += 1) {
      const isReturn = text[index] === '\r' && text[index + 1] !== '\n';
      if (text[index] === '\n' || isReturn) line += 1;
    }
    at += length;
  }
}

function syntaxError(message: string, line: number): FormatError {
  return new FormatError('syntax-invalid', message, line);
}

/** The symbol at the head of a list, or null. */
export function headOf(datum: Datum): string | null {
  const head = datum.kind === 'list' ? datum.items[0] : undefined;
  return head?.kind === 'symbol' ? head.text : null;
}

/** Every list of a program, outer ones first. @param isWhole says which lists are not looked into */
export function listsIn(data: readonly Datum[], isWhole: (list: ListDatum) => boolean = () => false): ListDatum[] {
  const found: ListDatum[] = [];
  const open = data.toReversed();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.kind !== 'list') continue;
    found.push(next);
    if (!isWhole(next)) for (const item of next.items.toReversed()) open.push(item);
  }
  return found;
}

export interface Token {
  readonly kind: 'name' | 'text' | 'mark';
  /** of a text, what stands between its quotes; null where an escape stands in it */
  readonly value: string | null;
  /** 1-based */
  readonly line: number;
}

const SPACE = /[^\S\n]+/y;
const NAME = /[A-Za-z.][\w.]*(?:::{1,2}[A-Za-z.][\w.]*)?/y;
const NUMBER = /\d[\w.]*/y;
const RAW = /[rR](["'])(-{0,16})([([{])/y;
const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** The words of a text in R, as far as literal names need them. https://cran.r-project.org/doc/manuals/r-release/R-lang.html#Parser */
export function* readTokens(text: string): Generator<Token> {
  let line = 1;
  let at = 0;
  const skip = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? null;
    if (found !== null) at += found.length;
    return found;
  };
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === '\n') {
      line += 1;
      at += 1;
    } else if (character === '#') {
      const end = text.indexOf('\n', at);
      at = end === -1 ? text.length : end;
    } else if (character === '"' || character === "'" || character === '`' || matches(RAW, text, at)) {
      const { end, value } = readText(text, at);
      yield { kind: 'text', value: character === '`' ? null : value, line };
      line += text.slice(at, end).split('\n').length - 1;
      at = end;
    } else if (skip(SPACE) === null) {
      const name = skip(NAME);
      const value = name ?? skip(NUMBER) ?? character;
      if (name === null && value === character && !/\d/.test(character)) at += 1;
      yield { kind: name === null ? 'mark' : 'name', value, line };
    }
  }
}

function matches(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at;
  return pattern.test(text);
}

function readText(text: string, start: number): { end: number; value: string | null } {
  RAW.lastIndex = start;
  const [opening, quote = '', dashes = '', bracket = ''] = RAW.exec(text) ?? [];
  if (opening !== undefined) {
    const closing = `${CLOSING[bracket] ?? ''}${dashes}${quote}`;
    const end = text.indexOf(closing, start + opening.length);
    if (end === -1) return { end: text.length, value: null };
    return { end: end + closing.length, value: text.slice(start + opening.length, end) };
  }
  const mark = text.charAt(start);
  let isPlain = true;
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === mark) return { end: at + 1, value: isPlain ? text.slice(start + 1, at) : null };
    if (character !== '\\') continue;
    isPlain = false;
    at += 1;
  }
  return { end: text.length, value: null };
}

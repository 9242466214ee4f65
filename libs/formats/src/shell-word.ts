export interface ShellWord {
  readonly text: string;
  /** false when the shell would put something in: `$NAME`, `$(...)`, backticks; these stay as they are written */
  readonly isLiteral: boolean;
  /** false when a quote is not closed */
  readonly isClosed: boolean;
  /** what follows the word */
  readonly rest: string;
}

/** https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_03 */
const ESCAPED_IN_DOUBLE = new Set(['"', '\\', '$', '`', '\n']);
const ANSI_C: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', e: '\x1b', f: '\f' };

/** The first word of a text with its quotes removed, as a POSIX shell removes them; nothing is expanded or run. */
export function readShellWord(raw: string): ShellWord {
  let text = '';
  let isLiteral = true;
  let isClosed = true;
  let at = 0;
  while (at < raw.length && !/[\s;&|<>()]/.test(raw.charAt(at))) {
    const character = raw.charAt(at);
    if (character === "'") readSingle();
    else if (character === '"') readDouble();
    else if (character === '$' && raw[at + 1] === "'") readAnsiC();
    else if (character === '\\') {
      text += raw.charAt(at + 1);
      at += 2;
    } else readPlain(character);
  }
  return { text, isLiteral, isClosed, rest: raw.slice(at) };

  function readPlain(character: string): void {
    if (character === '`' || (character === '$' && /[A-Za-z_0-9{(?!#$*@-]/.test(raw.charAt(at + 1)))) isLiteral = false;
    text += character;
    at += 1;
  }

  function readSingle(): void {
    const closing = raw.indexOf("'", at + 1);
    if (closing === -1) isClosed = false;
    text += raw.slice(at + 1, closing === -1 ? raw.length : closing);
    at = closing === -1 ? raw.length : closing + 1;
  }

  function readDouble(): void {
    at += 1;
    while (at < raw.length && raw[at] !== '"') {
      const next = raw.charAt(at + 1);
      if (raw[at] === '\\' && ESCAPED_IN_DOUBLE.has(next)) {
        text += next === '\n' ? '' : next;
        at += 2;
      } else readPlain(raw.charAt(at));
    }
    if (at >= raw.length) isClosed = false;
    at += 1;
  }

  /** `$'...'`, as bash writes values with line breaks. */
  function readAnsiC(): void {
    at += 2;
    while (at < raw.length && raw[at] !== "'") {
      const isEscape = raw[at] === '\\';
      const character = raw.charAt(isEscape ? at + 1 : at);
      text += isEscape ? (ANSI_C[character] ?? character) : character;
      at += isEscape ? 2 : 1;
    }
    if (at >= raw.length) isClosed = false;
    at += 1;
  }
}

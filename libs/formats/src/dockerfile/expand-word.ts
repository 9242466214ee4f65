/** A value that the file tells, or undefined. */
export type Lookup = (name: string) => string | undefined;

export interface Expansion {
  readonly text: string;
  /** variables whose value the file does not tell; they stay in the text as they are written */
  readonly unknown: readonly string[];
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const MODIFIER = /:?[-+?]/y;
/** Nested defaults `${A:-${B:-c}}`. */
const MOST_LEVELS = 16;
/** Values built of values grow exponentially. */
const MOST_CHARACTERS = 2048;

/**
 * Removes the quotes of a word and puts in the values of its variables, as BuildKit does
 * (https://docs.docker.com/reference/dockerfile/#environment-replacement). Pattern modifiers (`#`, `%`, `/`) are not
 * carried out: their variable counts as unknown.
 *
 * @param mayBeSet whether something outside the file, the base image for one, may set a variable that the file does not:
 * then `${A:-b}` is not yet b, nor `${A:+b}` nothing
 */
export function expandWord(
  raw: string,
  lookup: Lookup,
  escape: string,
  mayBeSet: (name: string) => boolean = () => false,
): Expansion {
  const unknown: string[] = [];
  let at = 0;

  function readWord(end: '}' | null, level: number): string {
    let text = '';
    while (at < raw.length && raw[at] !== end) {
      const character = raw.charAt(at);
      at += 1;
      if (character === "'") text += readSingleQuoted();
      else if (character === '"') text += readDoubleQuoted(level);
      else if (character === '$') text += readVariable(level);
      else if (character === escape) {
        text += raw.charAt(at);
        at += 1;
      } else text += character;
    }
    return text;
  }

  function readSingleQuoted(): string {
    const closing = raw.indexOf("'", at);
    const end = closing === -1 ? raw.length : closing;
    const text = raw.slice(at, end);
    at = end + 1;
    return text;
  }

  function readDoubleQuoted(level: number): string {
    let text = '';
    while (at < raw.length) {
      const character = raw.charAt(at);
      at += 1;
      if (character === '"') return text;
      if (character === '$') text += readVariable(level);
      else if (character === escape && ['"', '$', escape].includes(raw.charAt(at))) {
        text += raw.charAt(at);
        at += 1;
      } else text += character;
    }
    return text;
  }

  /** `at` stands behind the `$`. */
  function readVariable(level: number): string {
    const start = at - 1;
    const isBraced = raw[at] === '{';
    if (isBraced) at += 1;
    const name = match(NAME);
    if (name === null) return isBraced ? skipBraces(start, '') : '$';
    if (!isBraced) return lookup(name) ?? leave(name, start);
    if (raw[at] === '}') {
      at += 1;
      return lookup(name) ?? leave(name, start);
    }
    const modifier = level < MOST_LEVELS ? match(MODIFIER) : null;
    if (modifier === null) return skipBraces(start, name);
    const before = unknown.length;
    const word = readWord('}', level + 1);
    const isClosed = raw[at] === '}';
    at += 1;
    const value = lookup(name);
    if (value === undefined && mayBeSet(name)) {
      unknown.length = before;
      return leave(name, start);
    }
    const isSet = value !== undefined && !(modifier.startsWith(':') && value === '');
    const usesWord = isClosed && (modifier.endsWith('-') ? !isSet : modifier.endsWith('+') && isSet);
    if (usesWord) return word;
    unknown.length = before;
    if (isClosed && modifier.endsWith('+')) return '';
    return isSet && isClosed ? value : leave(name, start);
  }

  function skipBraces(start: number, name: string): string {
    const closing = raw.indexOf('}', at);
    at = closing === -1 ? raw.length : closing + 1;
    return leave(name, start);
  }

  function leave(name: string, start: number): string {
    unknown.push(name);
    return raw.slice(start, at);
  }

  function match(pattern: RegExp): string | null {
    pattern.lastIndex = at;
    const found = pattern.exec(raw)?.[0] ?? null;
    at += found?.length ?? 0;
    return found;
  }

  const text = readWord(null, 0);
  const isTooLong = text.length > MOST_CHARACTERS && text.length > raw.length;
  return isTooLong ? { text: raw, unknown: ['(too long)'] } : { text, unknown };
}

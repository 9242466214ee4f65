import { FormatError } from './format.js';
import { limits } from './limits.js';

const SPACES = /[ \t]*/y;
const BARE_KEY = /[A-Za-z0-9_-]+/y;
const SCALAR = /[^\s,\]}#]+/y;
const STRING_STOP = { '"': /["\\\n]/g, "'": /['\n]/g } as const;

/** What a key of an inline table costs, where a table costs 1. */
const INLINE_KEY = 0.2;

interface Place {
  readonly pointer: string;
  /** members above it */
  readonly level: number;
}

interface Level {
  readonly closing: ']' | '}';
  readonly place: Place | null;
  index: number;
}

/**
 * Where the members of a TOML document stand, and a bound of what its parser will build: a table costs it some hundred
 * bytes, and two characters of a dotted key make one. In one pass and without recursion. The text need not be valid:
 * after a fault the scan goes on in the next line, and the parser tells of the fault.
 *
 * @param depth how deep members are located; an element of an array is a level of its own
 * @returns 1-based lines of members by JSON Pointer (RFC 6901)
 * @throws FormatError with `limit-exceeded`
 */
export function scanToml(text: string, depth: number): ReadonlyMap<string, number> {
  if (text.length > limits.tomlCharacters) {
    throw new FormatError('limit-exceeded', `A TOML file is read up to ${limits.tomlCharacters} characters.`);
  }
  return new TomlScan(text, depth).run();
}

class TomlScan {
  readonly #lines = new Map<string, number>();
  /** last index of each array of tables, by its pointer */
  readonly #lastIndex = new Map<string, number>();
  #at = 0;
  #line = 1;
  #tables = 0;

  constructor(
    private readonly text: string,
    private readonly depth: number,
  ) {}

  run(): ReadonlyMap<string, number> {
    let table: Place | null = { pointer: '', level: 0 };
    while (this.#skipBlanks()) {
      if (this.#peek() === '[') table = this.#readHeader();
      else this.#readMember(table);
    }
    return this.#lines;
  }

  #readHeader(): Place | null {
    const line = this.#line;
    this.#at += 1;
    const isArray = this.#peek() === '[';
    if (isArray) this.#at += 1;
    const keys = this.#readKey(']');
    this.#skipLine();
    if (keys === null || keys.length > this.depth) return null;
    let place: Place | null = { pointer: '', level: 0 };
    for (const [index, key] of keys.entries()) {
      place = this.#locate(place, key, line);
      if (place === null) return null;
      const last = this.#lastIndex.get(place.pointer);
      const isOwn = isArray && index === keys.length - 1;
      if (!isOwn && last === undefined) continue;
      const next: number = isOwn ? (last ?? -1) + 1 : (last ?? 0);
      if (isOwn) this.#lastIndex.set(place.pointer, next);
      place = this.#locate(place, String(next), line);
    }
    return place;
  }

  #readMember(table: Place | null): void {
    const line = this.#line;
    const keys = this.#readKey('=');
    if (keys === null) {
      this.#skipLine();
      return;
    }
    this.#readValue(this.#locateAll(table, keys, line));
  }

  /** A value and all that is nested in it. */
  #readValue(place: Place | null): void {
    const levels: Level[] = [];
    let next = place;
    do {
      const level = levels.at(-1);
      if (level !== undefined && !this.#skipBlanks()) return;
      const character = this.#peek();
      if (character === level?.closing) {
        this.#at += 1;
        levels.pop();
        this.#skipComma();
        continue;
      }
      if (level?.closing === ']') {
        next = this.#locate(level.place, String(level.index), this.#line);
        level.index += 1;
      } else if (level !== undefined) {
        const line = this.#line;
        const keys = this.#readKey('=', true);
        if (keys === null) return;
        next = this.#locateAll(level.place, keys, line);
      }
      if (!this.#skipSpaces()) return;
      const opening = this.#peek();
      if (opening === '[' || opening === '{') {
        if (levels.length >= limits.nesting) throw tooMuch(`nests deeper than ${limits.nesting} levels`, this.#line);
        this.#at += 1;
        this.#count(opening === '{' ? 1 : 0);
        levels.push({ closing: opening === '[' ? ']' : '}', place: next, index: 0 });
        continue;
      }
      if (!this.#skipScalar()) return;
      this.#skipComma();
    } while (levels.length > 0);
  }

  /** The parts of a dotted key, up to and with `end`; null when there is no key. */
  #readKey(end: '=' | ']', isInline = false): string[] | null {
    const keys: string[] = [];
    for (;;) {
      if (!this.#skipSpaces()) return null;
      const start = this.#at;
      const quote = this.#peek();
      const isQuoted = quote === '"' || quote === "'";
      if (isQuoted) this.#skipString(quote);
      else if (!this.#skip(BARE_KEY)) return null;
      const token = this.text.slice(start, this.#at);
      keys.push(isQuoted ? unquote(token) : token);
      this.#count(isInline && keys.length === 1 ? INLINE_KEY : 1);
      this.#skipSpaces();
      const character = this.#peek();
      if (character === end || character === '.') this.#at += 1;
      if (character === end) return keys;
      if (character !== '.') return null;
    }
  }

  #locateAll(from: Place | null, keys: readonly string[], line: number): Place | null {
    let place = from;
    for (const key of keys) {
      if (place === null) return null;
      place = this.#locate(place, key, line);
    }
    return place;
  }

  #locate(parent: Place | null, key: string, line: number): Place | null {
    if (parent === null || parent.level >= this.depth) return null;
    const pointer = `${parent.pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    // A table is where its header is first named.
    if (!this.#lines.has(pointer)) {
      this.#count(1);
      this.#lines.set(pointer, line);
    }
    return { pointer, level: parent.level + 1 };
  }

  /** What is located costs a table too. */
  #count(tables: number): void {
    this.#tables += tables;
    if (this.#tables > limits.tomlTables) throw tooMuch(`has more than ${limits.tomlTables} keys`, this.#line);
  }

  #peek(): string {
    return this.text.charAt(this.#at);
  }

  /** Blanks, line ends and comments. @returns whether anything follows */
  #skipBlanks(): boolean {
    while (this.#skipSpaces()) {
      const character = this.#peek();
      if (character === '#') this.#at = this.#lineEnd();
      else if (character === '\n') {
        this.#line += 1;
        this.#at += 1;
      } else if (character === '\r') this.#at += 1;
      else return true;
    }
    return false;
  }

  #skipSpaces(): boolean {
    this.#skip(SPACES);
    return this.#at < this.text.length;
  }

  #skipComma(): void {
    if (this.#skipBlanks() && this.#peek() === ',') this.#at += 1;
  }

  #skipScalar(): boolean {
    const quote = this.#peek();
    if (quote !== '"' && quote !== "'") return this.#skip(SCALAR);
    this.#skipString(quote);
    return true;
  }

  /** @returns whether anything was skipped */
  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const isThere = pattern.test(this.text) && pattern.lastIndex > this.#at;
    if (isThere) this.#at = pattern.lastIndex;
    return isThere;
  }

  #skipLine(): void {
    this.#at = this.#lineEnd();
  }

  #lineEnd(): number {
    const end = this.text.indexOf('\n', this.#at);
    return end === -1 ? this.text.length : end;
  }

  /** https://toml.io/en/v1.0.0#string */
  #skipString(quote: '"' | "'"): void {
    const isLong = this.text.startsWith(quote.repeat(3), this.#at);
    const closing = isLong ? quote.repeat(3) : quote;
    const pattern = STRING_STOP[quote];
    this.#at += closing.length;
    for (;;) {
      pattern.lastIndex = this.#at;
      const stop = pattern.exec(this.text);
      this.#at = stop === null ? this.text.length : stop.index;
      if (stop === null || (stop[0] === '\n' && !isLong)) return;
      if (stop[0] === quote && this.text.startsWith(closing, this.#at)) break;
      if (stop[0] === '\n') this.#line += 1;
      // What is escaped ends nothing; but a line that goes on behind a backslash still counts.
      this.#at += stop[0] === '\\' && this.text.charAt(this.#at + 1) !== '\n' ? 2 : 1;
    }
    this.#at += closing.length;
    // One or two quotes may stand before the closing three.
    if (isLong) for (let more = 0; more < 2 && this.#peek() === quote; more += 1) this.#at += 1;
  }
}

function unquote(token: string): string {
  const inside = token.slice(1, -1);
  if (token.startsWith("'") || !inside.includes('\\')) return inside;
  try {
    return String(JSON.parse(token));
  } catch {
    // An escape of TOML alone: the member is then not located.
    return inside;
  }
}

function tooMuch(what: string, line: number): FormatError {
  return new FormatError('limit-exceeded', `The file ${what}.`, line);
}

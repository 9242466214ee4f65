import { FormatError } from './format.js';
import { limits } from './limits.js';
import type { YamlNode } from './yaml-tree.js';

/** Text that is not written in the block style below; it may well be YAML. */
export class UnusualYaml extends Error {
  override readonly name = 'UnusualYaml';

  constructor(readonly line: number) {
    super(`line ${line} is not in plain block style`);
  }
}

interface Line {
  readonly indent: number;
  readonly text: string;
  readonly number: number;
}

/** Characters that begin something else than a plain scalar (YAML 1.2.2, section 5.3). */
const INDICATORS = /^[[\]{},#&*!|>'"%@`]|^[-?:](?:\s|$)/;
/** A colon that ends a key. */
const KEY_END = /:(?=\s|$)/;

/**
 * Reads the part of YAML that programs write into lock files: block mappings and sequences, scalars in one of the plain,
 * quoted and literal styles, `{}` and `[]`. One pass in linear time, where the whole of YAML needs a second for each
 * megabyte at best; lock files of several platforms are that long.
 *
 * @throws UnusualYaml for everything else of YAML: anchors, tags, flow collections, several documents, and for errors
 */
export class BlockYamlReader {
  readonly #text: string;
  #offset = 0;
  #number = 0;
  #nodes = 0;
  /** the next line that is no comment; null at the end */
  #line: Line | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  read(): YamlNode {
    this.#advance();
    if (this.#line?.text === '---' && this.#line.indent === 0) this.#advance();
    const root = this.#node(0);
    if (this.#line !== null) throw new UnusualYaml(this.#line.number);
    return root;
  }

  #node(depth: number): YamlNode {
    const line = this.#line;
    if (line === null) throw new UnusualYaml(this.#number);
    if (depth > limits.nesting) {
      throw new FormatError('limit-exceeded', `The file nests deeper than ${limits.nesting} levels.`, line.number);
    }
    return isItem(line) ? this.#sequence(line, depth) : this.#mapping(line, depth);
  }

  #sequence({ indent, number }: Line, depth: number): YamlNode {
    const items: YamlNode[] = [];
    for (let line = this.#line; line !== null && line.indent === indent && isItem(line); line = this.#line) {
      const rest = line.text.slice(1).trimStart();
      if (rest === '' || rest.startsWith('#')) {
        items.push(this.#below(line, indent + 1, depth));
        continue;
      }
      const inner = { indent: indent + line.text.length - rest.length, text: rest, number: line.number };
      this.#line = inner;
      const isCollection = isItem(inner) || keyOf(inner) !== null;
      items.push(isCollection ? this.#node(depth + 1) : this.#scalar(inner, rest, indent));
    }
    return this.#counted({ kind: 'sequence', items, line: number });
  }

  #mapping({ indent, number }: Line, depth: number): YamlNode {
    const entries = new Map<string, YamlNode>();
    for (let line = this.#line; line !== null && line.indent === indent; line = this.#line) {
      if (isItem(line)) break;
      const key = keyOf(line);
      if (key === null) throw new UnusualYaml(line.number);
      if (entries.has(key.name)) {
        throw new FormatError('syntax-invalid', `A key stands twice: ${key.name.slice(0, 80)}`, line.number);
      }
      const rest = line.text.slice(key.end).trimStart();
      const isBelow = rest === '' || rest.startsWith('#');
      entries.set(key.name, isBelow ? this.#below(line, indent, depth) : this.#scalar(line, rest, indent));
    }
    return this.#counted({ kind: 'mapping', entries, line: number });
  }

  /** The value that stands in the next lines. A sequence may stand under its key without indentation. */
  #below({ indent, number }: Line, least: number, depth: number): YamlNode {
    this.#advance();
    const next = this.#line;
    const isValue = next !== null && (next.indent > indent || (next.indent >= least && isItem(next)));
    return isValue ? this.#node(depth + 1) : this.#counted({ kind: 'scalar', text: '', line: number });
  }

  /** @param rest the scalar's text; its continuation lines are indented deeper than `parent` */
  #scalar({ number }: Line, rest: string, parent: number): YamlNode {
    const first = rest.charAt(0);
    if (first === '"' || first === "'") return this.#quoted(rest, first, parent, number);
    if (first === '|') return this.#literal(rest, parent, number);
    const isEmpty = /^(?:\{[ ]*\}|\[[ ]*\])[ ]*(?:#.*)?$/.test(rest);
    if (isEmpty) {
      this.#advance();
      const node = { line: number };
      return this.#counted(
        first === '{' ? { ...node, kind: 'mapping', entries: new Map() } : { ...node, kind: 'sequence', items: [] },
      );
    }
    if (INDICATORS.test(rest)) throw new UnusualYaml(number);
    return this.#plain(rest, parent, number);
  }

  #plain(rest: string, parent: number, number: number): YamlNode {
    const parts: string[] = [];
    for (let text: string | null = rest; text !== null;) {
      const comment = text.search(/\s#/);
      const part = (comment === -1 ? text : text.slice(0, comment)).trimEnd();
      if (KEY_END.test(part)) throw new UnusualYaml(number);
      parts.push(part);
      const before: number = this.#number;
      this.#advance();
      const next: Line | null = this.#line;
      if (next === null || next.indent <= parent) break;
      // A comment or an empty line within a scalar has meanings of its own.
      if (comment !== -1 || next.number !== before + 1) throw new UnusualYaml(next.number);
      text = next.text;
    }
    return this.#counted({ kind: 'scalar', text: parts.join(' '), line: number });
  }

  /** Lines of a quoted scalar are joined by a blank, and empty lines between them are kept (section 7.3). */
  #quoted(rest: string, quote: string, parent: number, number: number): YamlNode {
    const parts: string[] = [];
    let text = rest.slice(1);
    let end = closingQuote(text, quote);
    while (end === -1) {
      // An escaped end of line joins without a blank.
      if (quote === '"' && text.endsWith('\\')) throw new UnusualYaml(number);
      parts.push(text.trimEnd());
      const next = this.#rawLine();
      if (next === null || next.text === '' || next.indent <= parent) throw new UnusualYaml(number);
      text = next.text;
      end = closingQuote(text, quote);
    }
    if (!/^\s*(?:\s#.*)?$/.test(text.slice(end + 1))) throw new UnusualYaml(number);
    parts.push(text.slice(0, end));
    this.#advance();
    return this.#counted({ kind: 'scalar', text: unquote(parts.join(' '), quote, number), line: number });
  }

  #literal(rest: string, parent: number, number: number): YamlNode {
    if (rest !== '|' && rest !== '|-') throw new UnusualYaml(number);
    const lines: Line[] = [];
    let next = this.#rawLine();
    for (; next !== null && (next.text === '' || next.indent > parent); next = this.#rawLine()) lines.push(next);
    const indent = lines.find(({ text }) => text !== '')?.indent ?? 0;
    const text = lines.map((line) => ' '.repeat(Math.max(line.indent - indent, 0)) + line.text).join('\n');
    const end = rest === '|' && text !== '' ? '\n' : '';
    this.#settle(next);
    return this.#counted({ kind: 'scalar', text: text.trimEnd() + end, line: number });
  }

  #advance(): void {
    this.#settle(this.#rawLine());
  }

  /** Makes the first line from `line` on that is neither empty nor a comment the next one. */
  #settle(from: Line | null): void {
    let line = from;
    while (line !== null && (line.text === '' || line.text.startsWith('#'))) line = this.#rawLine();
    if (line !== null && (line.text.startsWith('\t') || (line.indent === 0 && /^(?:---|\.\.\.|%)/.test(line.text)))) {
      if (line.text !== '---' || this.#nodes > 0) throw new UnusualYaml(line.number);
    }
    this.#line = line;
  }

  #rawLine(): Line | null {
    const start = this.#offset;
    if (start >= this.#text.length) return null;
    const newline = this.#text.indexOf('\n', start);
    const end = newline === -1 ? this.#text.length : newline;
    this.#offset = end + 1;
    this.#number += 1;
    let indent = 0;
    while (start + indent < end && this.#text.charAt(start + indent) === ' ') indent += 1;
    return { indent, text: this.#text.slice(start + indent, end).trimEnd(), number: this.#number };
  }

  #counted(node: YamlNode): YamlNode {
    this.#nodes += 1;
    if (this.#nodes > limits.yamlNodes) {
      throw new FormatError('limit-exceeded', `A YAML file is read up to ${limits.yamlNodes} values.`, node.line);
    }
    return node;
  }
}

function isItem({ text }: Line): boolean {
  return text === '-' || text.startsWith('- ');
}

/** The key at the start of a line, and where it ends; null when there is none. */
function keyOf({ text, number }: Line): { name: string; end: number } | null {
  const quote = text.charAt(0);
  if (quote === '"' || quote === "'") {
    const close = closingQuote(text.slice(1), quote);
    if (close === -1 || !/^:(?:\s|$)/.test(text.slice(close + 2, close + 4))) return null;
    return { name: unquote(text.slice(1, close + 1), quote, number), end: close + 3 };
  }
  if (INDICATORS.test(text)) return null;
  const colon = text.search(KEY_END);
  if (colon === -1 || /\s#/.test(text.slice(0, colon))) return null;
  return { name: text.slice(0, colon).trimEnd(), end: colon + 1 };
}

/** Index of the quote that ends the scalar, -1 when it does not stand in this line. */
function closingQuote(text: string, quote: string): number {
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (quote === '"' && character === '\\') at += 1;
    else if (character === quote && quote === "'" && text.charAt(at + 1) === quote) at += 1;
    else if (character === quote) return at;
  }
  return -1;
}

function unquote(text: string, quote: string, number: number): string {
  if (quote === "'") return text.replaceAll("''", "'");
  if (!text.includes('\\')) return text;
  // YAML has escapes that JSON has not.
  if (/\\[^"\\/bfnrtu]/.test(text.replaceAll('\\\\', ''))) throw new UnusualYaml(number);
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    throw new UnusualYaml(number);
  }
}

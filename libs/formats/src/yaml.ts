import {
  Composer,
  CST,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  Parser,
  type Alias,
  type Document,
  type Node,
} from 'yaml';
import { FormatError } from './format.js';
import { limits } from './limits.js';

export interface YamlDocument {
  readonly root: Node | null;
  /** 1-based line where a node starts */
  readonly lineOf: (node: unknown) => number | null;
  /** The text of a scalar, aliases followed; null when the node is something else. */
  readonly stringOf: (node: unknown) => string | null;
  /** What an alias names; null for an anchor that is not there. */
  readonly targetOf: (alias: Alias) => Node | null;
}

/**
 * A YAML document with positions. Scalars stay strings (failsafe schema): `3.10` is not 3.1 and `on` is not true. Tags are
 * never acted upon, and a document is not expanded: aliases are followed one at a time.
 *
 * @throws FormatError with the line of the fault
 */
export function parseYaml(text: string): YamlDocument {
  const lineCounter = new LineCounter();
  const tokens = tokenize(text, lineCounter);
  const document = compose(tokens, lineCounter);
  const error = document.errors[0];
  if (error !== undefined) throw syntaxError(lineCounter.linePos(error.pos[0]).line, error);
  const lineOf = (node: unknown): number | null => {
    const range = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range : null;
    return range ? lineCounter.linePos(range[0]).line : null;
  };
  const anchors = new Map<string, Node>();
  inspect(document.contents, anchors, lineOf);
  return {
    root: document.contents,
    lineOf,
    targetOf: (alias) => anchors.get(alias.source) ?? null,
    stringOf: (node) => {
      const target = isAlias(node) ? anchors.get(node.source) : node;
      return isScalar(target) && typeof target.value === 'string' ? target.value : null;
    },
  };
}

function tokenize(text: string, lineCounter: LineCounter): CST.Token[] {
  if (text.length > limits.yamlCharacters) {
    throw new FormatError('limit-exceeded', `A YAML file is read up to ${limits.yamlCharacters} characters.`);
  }
  const tokens: CST.Token[] = [];
  const parser = new Parser(lineCounter.addNewLine);
  lineCounter.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    // What is still open ends in recursion: a stack this deep would not be survived.
    if (parser.stack.length > 2 * limits.nesting) throw tooDeep(lineCounter.linePos(parser.offset).line);
  }
  tokens.push(...parser.end());
  for (const token of tokens) assertShallow(token, lineCounter);
  return tokens;
}

function compose(tokens: readonly CST.Token[], lineCounter: LineCounter): Document {
  // Keys are compared below: the composer compares each with each, which 100,000 keys turn into minutes.
  const composer = new Composer({ schema: 'failsafe', uniqueKeys: false, logLevel: 'silent', lineCounter });
  stopAtFirstError(composer, lineCounter);
  const [first, second] = withoutTraces(() => [...composer.compose(tokens, true)]);
  if (second !== undefined) {
    const start = second.range[0];
    throw new FormatError('syntax-invalid', 'The file holds several YAML documents.', lineCounter.linePos(start).line);
  }
  if (first === undefined) throw new FormatError('syntax-invalid', 'The file holds no YAML document.');
  return first;
}

/** The composer (yaml 2.9) would collect an error, with its stack, for each of 60,000 bad lines: ten seconds and 250 MB. */
function stopAtFirstError(composer: Composer, lineCounter: LineCounter): void {
  let first: FormatError | null = null;
  const collect: unknown = Reflect.get(composer, 'onError');
  Reflect.set(composer, 'onError', (source: unknown, code: unknown, message: unknown, isWarning: unknown) => {
    // What is thrown into the composer comes back as an error of its own: the first one holds.
    if (!isWarning) throw (first ??= syntaxError(lineCounter.linePos(offsetOf(source)).line));
    if (typeof collect === 'function') Reflect.apply(collect, composer, [source, code, message, isWarning]);
  });
}

/** The composer names a place by a number, a range or a token. */
function offsetOf(source: unknown): number {
  if (typeof source === 'number') return source;
  const offset: unknown = Array.isArray(source) ? source[0] : Object(source).offset;
  return typeof offset === 'number' ? offset : 0;
}

/** A text may hold a fault in each character, and the trace of an error costs more than all the rest. */
function withoutTraces<T>(act: () => T): T {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return act();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/**
 * The composer is recursive, and deep input does not merely end its stack: V8 aborts the process when it compiles a
 * regular expression there. So depth is measured on the tokens, without recursion.
 */
function assertShallow(token: CST.Token, lineCounter: LineCounter): void {
  const open: { token: CST.Token; depth: number }[] = [{ token, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { depth } = next;
    if (depth > limits.nesting) {
      throw tooDeep(lineCounter.linePos(next.token.offset).line);
    }
    if (next.token.type === 'document') {
      if (next.token.value) open.push({ token: next.token.value, depth });
    } else if (CST.isCollection(next.token)) {
      for (const item of next.token.items) {
        if (item.key) open.push({ token: item.key, depth: depth + 1 });
        if (item.value) open.push({ token: item.value, depth: depth + 1 });
      }
    }
  }
}

/**
 * Collects anchors, and refuses a mapping with a key twice (YAML 1.2.2, section 3.2.1.1). `alias.resolve()` would search
 * the whole document for each alias.
 */
function inspect(node: unknown, anchors: Map<string, Node>, lineOf: YamlDocument['lineOf']): void {
  if (!isScalar(node) && !isSeq(node) && !isMap(node)) return;
  if (node.anchor !== undefined) anchors.set(node.anchor, node);
  if (isSeq(node)) for (const item of node.items) inspect(item, anchors, lineOf);
  if (!isMap(node)) return;
  const keys = new Set<unknown>();
  for (const { key, value } of node.items) {
    if (isScalar(key)) {
      if (keys.has(key.value)) throw syntaxError(lineOf(key));
      keys.add(key.value);
    }
    inspect(key, anchors, lineOf);
    inspect(value, anchors, lineOf);
  }
}

function tooDeep(line: number): FormatError {
  return new FormatError('limit-exceeded', `The file nests deeper than ${limits.nesting} levels.`, line);
}

function syntaxError(line: number | null, cause?: unknown): FormatError {
  return new FormatError('syntax-invalid', `The YAML text is wrong in line ${line ?? '?'}.`, line, { cause });
}

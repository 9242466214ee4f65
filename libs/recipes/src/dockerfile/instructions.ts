import { recipeInvalid } from '../refusal.js';

/** A word as it is written, with its quotes, and where it stands in the text. */
export interface Word {
  readonly raw: string;
  readonly start: number;
  readonly end: number;
}

export interface Heredoc {
  readonly name: string;
  readonly text: string;
}

export interface Instruction {
  /** upper case */
  readonly keyword: string;
  /** 1-based, of the first line */
  readonly line: number;
  /** `--name=value` behind the keyword */
  readonly flags: readonly Word[];
  /** what follows keyword and flags, in one line: continuations joined, comments between them left out */
  readonly rest: string;
  readonly words: readonly Word[];
  readonly heredocs: readonly Heredoc[];
}

export interface DockerfileText {
  readonly escape: string;
  readonly directives: ReadonlyMap<string, { readonly value: string; readonly line: number }>;
  readonly instructions: readonly Instruction[];
}

const MOST_INSTRUCTIONS = 5000;
const WITH_HEREDOC: ReadonlySet<string> = new Set(['ADD', 'COPY', 'RUN']);
const DIRECTIVE = /^#[ \t]*(?<name>[A-Za-z][A-Za-z0-9]*)[ \t]*=(?<value>.*)$/;
/** A whole word: `$((1<<4))` is none. */
const HEREDOC = /^\d*<<(?<strip>-?)(?<quote>["']?)(?<name>[^<\s"']+)\k<quote>$/;

interface SourceLine {
  readonly text: string;
  readonly start: number;
}

/** Characters of an instruction in one line, each with its place in the text. */
interface LogicalLine {
  text: string;
  readonly places: number[];
  readonly line: number;
}

/**
 * Splits a Dockerfile into instructions as BuildKit does, and remembers where each word stands, so that a word can be replaced
 * and nothing else. https://docs.docker.com/reference/dockerfile/#format
 *
 * @throws ArchiveError RECIPE_INVALID
 */
export function splitInstructions(text: string, file: string): DockerfileText {
  const lines = sourceLines(text);
  const directives = readDirectives(lines, file);
  const escape = directives.get('escape')?.value ?? '\\';
  if (escape !== '\\' && escape !== '`') {
    throw recipeInvalid(file, directives.get('escape')?.line ?? null, 'The escape directive must be \\ or `.');
  }
  const instructions: Instruction[] = [];
  let at = 0;
  while (at < lines.length) {
    if (isBlankOrComment(lines[at]?.text ?? '')) {
      at += 1;
      continue;
    }
    if (instructions.length === MOST_INSTRUCTIONS) {
      throw recipeInvalid(file, at + 1, `A Dockerfile is read up to ${MOST_INSTRUCTIONS} instructions.`);
    }
    const logical: LogicalLine = { text: '', places: [], line: at + 1 };
    at = joinContinuations(lines, at, escape, logical);
    const instruction = readInstruction(logical, escape, file);
    const heredocs: Heredoc[] = [];
    for (const { name, isStripped } of heredocMarks(instruction)) {
      const read = readHeredoc(lines, at, name, isStripped);
      if (read === null) throw recipeInvalid(file, logical.line, `The heredoc ${name} has no end.`);
      heredocs.push({ name, text: read.text });
      at = read.next;
    }
    instructions.push({ ...instruction, heredocs });
  }
  return { escape, directives, instructions };
}

function sourceLines(text: string): SourceLine[] {
  const lines: SourceLine[] = [];
  // A byte-order mark stands before the first instruction, not in it.
  let start = text.startsWith('\uFEFF') ? 1 : 0;
  while (start <= text.length) {
    const end = text.indexOf('\n', start);
    const stop = end === -1 ? text.length : end;
    lines.push({ text: text.slice(start, stop > start && text[stop - 1] === '\r' ? stop - 1 : stop), start });
    start = stop + 1;
  }
  return lines;
}

/** Directives end at the first line that is none, even an empty one. */
function readDirectives(lines: readonly SourceLine[], file: string): Map<string, { value: string; line: number }> {
  const directives = new Map<string, { value: string; line: number }>();
  for (const [index, { text }] of lines.entries()) {
    if (index === 0 && text.startsWith('#!')) continue;
    const { name, value = '' } = DIRECTIVE.exec(text)?.groups ?? {};
    if (name === undefined) break;
    const key = name.toLowerCase();
    if (directives.has(key)) throw recipeInvalid(file, index + 1, `The directive ${key} stands twice.`);
    directives.set(key, { value: value.trim(), line: index + 1 });
  }
  return directives;
}

function isBlankOrComment(line: string): boolean {
  return /^\s*(?:#|$)/.test(line);
}

/** @returns the index of the line behind the instruction */
function joinContinuations(lines: readonly SourceLine[], first: number, escape: string, into: LogicalLine): number {
  let at = first;
  const parts: string[] = [];
  for (; at < lines.length; at += 1) {
    const { text, start } = lines[at] ?? { text: '', start: 0 };
    if (at > first && isBlankOrComment(text)) continue;
    const body = text.trimEnd();
    const isContinued = body.endsWith(escape);
    const part = isContinued ? body.slice(0, -1) : text;
    for (let index = 0; index < part.length; index += 1) into.places.push(start + index);
    parts.push(part);
    if (!isContinued) {
      at += 1;
      break;
    }
  }
  into.text = parts.join('');
  return at;
}

function readInstruction(logical: LogicalLine, escape: string, file: string): Omit<Instruction, 'heredocs'> {
  const keyword = /^\s*(\S+)/.exec(logical.text);
  const name = keyword?.[1] ?? '';
  if (!/^[A-Za-z]+$/.test(name)) throw recipeInvalid(file, logical.line, 'The line starts with no instruction.');
  const all = splitWords(logical, keyword?.[0].length ?? 0, escape);
  const count = all.findIndex(({ raw }) => !/^--[a-z]/.test(raw));
  const flags = all.slice(0, count === -1 ? all.length : count);
  const words = all.slice(flags.length);
  const behind = logical.text.slice(
    flags.length === 0 ? (keyword?.[0].length ?? 0) : behindWord(logical, flags.at(-1)),
  );
  return { keyword: name.toUpperCase(), line: logical.line, flags, rest: behind.trim(), words };
}

function behindWord(logical: LogicalLine, word: Word | undefined): number {
  const last = (word?.end ?? 1) - 1;
  return logical.places.indexOf(last) + 1;
}

/** Words end at blanks outside quotes. A quote that stays open reaches to the end, as in BuildKit. */
function splitWords(logical: LogicalLine, from: number, escape: string): Word[] {
  const { text, places } = logical;
  const words: Word[] = [];
  let begin = -1;
  let quote = '';
  const close = (end: number): void => {
    if (begin === -1) return;
    const last = places[end - 1] ?? 0;
    words.push({ raw: text.slice(begin, end), start: places[begin] ?? 0, end: last + 1 });
    begin = -1;
  };
  for (let at = from; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (quote === '' && /\s/.test(character)) {
      close(at);
      continue;
    }
    if (begin === -1) begin = at;
    if (character === escape && quote !== "'") at += 1;
    else if (quote === '' && (character === '"' || character === "'")) quote = character;
    else if (character === quote) quote = '';
  }
  close(text.length);
  return words;
}

function heredocMarks({
  keyword,
  rest,
  words,
}: Omit<Instruction, 'heredocs'>): { name: string; isStripped: boolean }[] {
  const inner = keyword === 'ONBUILD' ? (words[0]?.raw.toUpperCase() ?? '') : keyword;
  if (!WITH_HEREDOC.has(inner) || rest.startsWith('[')) return [];
  return words.flatMap(({ raw }) => {
    const { name, strip } = HEREDOC.exec(raw)?.groups ?? {};
    return name === undefined ? [] : [{ name, isStripped: strip === '-' }];
  });
}

function readHeredoc(
  lines: readonly SourceLine[],
  first: number,
  name: string,
  isStripped: boolean,
): { text: string; next: number } | null {
  for (let at = first; at < lines.length; at += 1) {
    const line = lines[at]?.text ?? '';
    if ((isStripped ? line.replace(/^\t+/, '') : line) !== name) continue;
    return {
      text: lines
        .slice(first, at)
        .map(({ text }) => text)
        .join('\n'),
      next: at + 1,
    };
  }
  return null;
}

import { FormatError } from '../format.js';

export interface Section {
  /** lower-case, without `%` */
  readonly name: string;
  /** what follows the name: `from build`, `-c /bin/bash`, the name of an app */
  readonly words: readonly string[];
  /** 1-based, of the line with the name */
  readonly line: number;
  readonly body: readonly string[];
}

export interface HeaderField {
  readonly value: string;
  readonly line: number;
}

export interface DefinitionStage {
  readonly header: ReadonlyMap<string, HeaderField>;
  readonly sections: readonly Section[];
}

/** Any other key is refused by Apptainer and SingularityCE; the keys of definitions for Singularity 2.1 and before are. */
const KEYS =
  /^(?:bootstrap|from|includecmd|mirrorurl|updateurl|osversion|include|library|registry|namespace|stage|product|user|regcode|productpgp|registerurl|modules|otherurl\d+|fingerprints|confurl|setopt)$/;
/** A stage begins where this stands at the very start of a line, be it inside a script. */
const STAGE_START = /^bootstrap:/i;
const MOST_STAGES = 1000;

/** @throws FormatError with the line of a header that is not one */
export function readStages(lines: readonly string[]): DefinitionStage[] {
  const starts = lines.flatMap((line, index) => (STAGE_START.test(line) ? [index] : []));
  if (starts.length > MOST_STAGES) {
    throw new FormatError('limit-exceeded', `A definition is read up to ${MOST_STAGES} stages.`);
  }
  // Keys may stand above the first Bootstrap.
  if (starts.length === 0 || starts.length === 1 || isBlank(lines.slice(0, starts[0]))) starts[0] = 0;
  else starts.unshift(0);
  return starts.map((start, index) => readStage(lines.slice(start, starts[index + 1]), start + 1));
}

function readStage(lines: readonly string[], first: number): DefinitionStage {
  const sectionStarts = lines.flatMap((line, index) => (/^\s*%/.test(line) ? [index] : []));
  const header = readHeader(lines.slice(0, sectionStarts[0]), first);
  const sections = sectionStarts.map((start, index): Section => {
    const [name = '', ...words] = (lines[start] ?? '').trim().split(/\s+/);
    const body = lines.slice(start + 1, sectionStarts[index + 1]);
    return { name: name.slice(1).toLowerCase(), words, line: first + start, body };
  });
  return { header, sections };
}

/** Keys compare without case; a comment may follow a value, and a backslash continues it. */
function readHeader(lines: readonly string[], first: number): Map<string, HeaderField> {
  const header = new Map<string, HeaderField>();
  let open: { key: string; value: string; line: number } | null = null;
  for (const [index, content] of lines.entries()) {
    const text = (content.split('#', 1)[0] ?? '').trim();
    if (text === '') {
      open = null;
      continue;
    }
    const field: { key: string; value: string; line: number } =
      open === null ? keyAndValue(text, first + index) : { ...open, value: open.value + text };
    const isContinued = field.value.endsWith('\\');
    open = isContinued ? { ...field, value: field.value.slice(0, -1) } : null;
    header.set(field.key, { value: (open ?? field).value.trim(), line: field.line });
  }
  return header;
}

function keyAndValue(text: string, line: number): { key: string; value: string; line: number } {
  const colon = text.indexOf(':');
  if (colon === -1) {
    throw new FormatError('syntax-invalid', `The header has a line without a colon in line ${line}.`, line);
  }
  const key = text.slice(0, colon).trim().toLowerCase();
  if (!KEYS.test(key)) throw new FormatError('syntax-invalid', `The header has an unknown key in line ${line}.`, line);
  return { key, value: text.slice(colon + 1).trim(), line };
}

function isBlank(lines: readonly string[]): boolean {
  return lines.every((line) => /^\s*(?:#|$)/.test(line));
}

import { FormatError } from './format.js';
import { scanJson } from './json-scan.js';
import { limits } from './limits.js';

export interface DecodedText {
  /** without byte-order mark */
  readonly text: string;
  /** WHATWG name of the encoding, https://encoding.spec.whatwg.org/#names-and-labels */
  readonly encoding: string;
}

/**
 * Bytes to text in the order byte-order mark, UTF-8, declared `coding:` line (PEP 263, which pip honours in requirements
 * files), Windows-1252. UTF-16 without a mark is told by its zero bytes: it would pass as UTF-8.
 *
 * @throws FormatError with `encoding-invalid` when the bytes are no text
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return decodeAs('utf-16le', bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return decodeAs('utf-16be', bytes);
  const zero = bytes.indexOf(0);
  if (zero !== -1) {
    const unmarked = utf16WithoutMark(bytes);
    if (unmarked === null) throw new FormatError('encoding-invalid', 'The file is binary: it holds zero bytes.');
    return decodeAs(unmarked, bytes);
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), encoding: 'utf-8' };
  } catch {
    return decodeDeclared(bytes);
  }
}

function decodeAs(encoding: string, bytes: Uint8Array): DecodedText {
  try {
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes), encoding };
  } catch (cause) {
    throw new FormatError('encoding-invalid', `The file is not valid ${encoding} text.`, null, { cause });
  }
}

function utf16WithoutMark(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  if (bytes.length % 2 !== 0) return null;
  let even = 0;
  let odd = 0;
  for (const [index, byte] of bytes.entries()) {
    if (byte === 0) {
      if (index % 2 === 0) even += 1;
      else odd += 1;
    }
  }
  // Nearly all characters of a package file are ASCII, so one half of the bytes is zero and the other never is.
  if (even === 0 && odd > bytes.length / 4) return 'utf-16le';
  if (odd === 0 && even > bytes.length / 4) return 'utf-16be';
  return null;
}

function decodeDeclared(bytes: Uint8Array): DecodedText {
  const head = decodeWindows1252(bytes.subarray(0, 512)).split('\n', 2);
  for (const line of head) {
    const label = /^[ \t\f]*#.{0,200}?coding[:=][ \t]*([-\w.]{1,40})/.exec(line)?.[1];
    if (label === undefined) continue;
    try {
      const decoder = new TextDecoder(pythonToWhatwg(label), { fatal: true });
      if (decoder.encoding === 'windows-1252') break;
      return { text: decoder.decode(bytes), encoding: decoder.encoding };
    } catch {
      break;
    }
  }
  return { text: decodeWindows1252(bytes), encoding: 'windows-1252' };
}

/** https://encoding.spec.whatwg.org/#windows-1252, bytes 0x80 to 0x9f */
const WINDOWS_1252 =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

/** By hand: TextDecoder of Node 20 decodes this label as ISO 8859-1, so that the euro sign becomes a control character. */
function decodeWindows1252(bytes: Uint8Array): string {
  const latin1 = new TextDecoder('windows-1252').decode(bytes);
  return latin1.replace(/[\u0080-\u009f]/g, (character) => WINDOWS_1252.charAt(character.charCodeAt(0) - 0x80));
}

function pythonToWhatwg(label: string): string {
  const name = label.toLowerCase().replaceAll('_', '-');
  return name === 'latin-1' ? 'latin1' : name.replace(/^iso-?8859-?/, 'iso-8859-').replace(/^cp(?=125\d$)/, 'windows-');
}

const LINE_END = /\r\n|\n|\r/;

/** Lines as an editor counts them: LF, CRLF or a lone CR ends one. */
export function splitLines(text: string): string[] {
  return text.split(LINE_END);
}

/** @throws FormatError when there are more lines than are read */
export function splitLinesWithinLimit(text: string, end: RegExp = LINE_END): string[] {
  const lines = text.split(end, limits.lines + 1);
  if (lines.length <= limits.lines) return lines;
  throw new FormatError('limit-exceeded', `A file is read up to ${limits.lines} lines.`, limits.lines + 1);
}

/** @throws FormatError with the line of the fault */
export function parseJson(text: string): unknown {
  const scan = scanJson(text, 0);
  if ('kind' in scan) {
    if (scan.kind === 'nesting') {
      throw new FormatError('limit-exceeded', `The file nests deeper than ${limits.nesting} levels.`, scan.line);
    }
    throw new FormatError('syntax-invalid', `The JSON text breaks off or is wrong in line ${scan.line}.`, scan.line);
  }
  return JSON.parse(text);
}

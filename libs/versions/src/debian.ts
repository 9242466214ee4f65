import { comparatorRange, COMPARISONS } from './comparators.js';
import { compareBy, compareDigits, MAX_VERSION_LENGTH, type Scheme } from './scheme.js';

interface DebianVersion {
  readonly epoch: string;
  readonly upstream: string;
  readonly revision: string;
}

/** `<` alone was taken for `<=` once, and is still in old files: it cannot be asked without a misunderstanding. */
const REFUSED = new Map([
  ['<', 'Debian writes << (older) or <= (older or equal); < alone has meant both'],
  ['>', 'Debian writes >> (newer) or >= (newer or equal); > alone has meant both'],
]);
const OPERATORS = new Map([
  ['<<', COMPARISONS['<']],
  ['<=', COMPARISONS['<=']],
  ['=', COMPARISONS['=']],
  ['', COMPARISONS['=']],
  ['!=', COMPARISONS['!=']],
  ['>=', COMPARISONS['>=']],
  ['>>', COMPARISONS['>']],
]);

/** https://www.debian.org/doc/debian-policy/ch-controlfields.html#version and ch-relationships. */
export const debian: Scheme = {
  rules: 'Debian versions and relations',
  example: '>= 3.0.2-1, << 3.1',
  compare: compareBy(parse, compareVersions),
  parseRange: (range) =>
    comparatorRange(range, { operators: OPERATORS, refused: REFUSED, parse, order: compareVersions }),
};

const SHAPE = /^(?:(?<epoch>\d+):)?(?<upstream>[0-9A-Za-z.+~:-]+)$/;

function parse(text: string): DebianVersion | null {
  const { epoch = '0', upstream: rest } = (text.length <= MAX_VERSION_LENGTH && SHAPE.exec(text.trim())?.groups) || {};
  if (rest === undefined) return null;
  const hyphen = rest.lastIndexOf('-');
  if (hyphen === -1) return { epoch, upstream: rest, revision: '' };
  const [upstream, revision] = [rest.slice(0, hyphen), rest.slice(hyphen + 1)];
  return upstream === '' || revision === '' ? null : { epoch, upstream, revision };
}

function compareVersions(a: DebianVersion, b: DebianVersion): number {
  return compareDigits(a.epoch, b.epoch) || comparePart(a.upstream, b.upstream) || comparePart(a.revision, b.revision);
}

/** Turns of non-digits and digits; at the end of one, the other goes on against nothing. */
function comparePart(a: string, b: string): number {
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [wordA, wordB] = [run(a, i, false), run(b, j, false)];
    const words = compareWords(wordA, wordB);
    if (words !== 0) return words;
    i += wordA.length;
    j += wordB.length;
    const [digitsA, digitsB] = [run(a, i, true), run(b, j, true)];
    const digits = compareDigits(digitsA, digitsB);
    if (digits !== 0) return digits;
    i += digitsA.length;
    j += digitsB.length;
  }
  return 0;
}

function run(text: string, start: number, ofDigits: boolean): string {
  let end = start;
  while (end < text.length && isDigit(text[end]) === ofDigits) end++;
  return text.slice(start, end);
}

const isDigit = (character = ''): boolean => character >= '0' && character <= '9';

function compareWords(a: string, b: string): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const order = weight(a[i]) - weight(b[i]);
    if (order !== 0) return order;
  }
  return 0;
}

/** A tilde is older than the end, letters come next, then all other characters. */
function weight(character: string | undefined): number {
  if (character === undefined) return 0;
  if (character === '~') return -1;
  const code = character.charCodeAt(0);
  return /[A-Za-z]/.test(character) ? code : code + 256;
}

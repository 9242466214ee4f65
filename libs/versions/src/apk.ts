import { comparatorRange, USUAL_OPERATORS } from './comparators.js';
import { compareBy, compareDigits, compareText, MAX_VERSION_LENGTH, type Scheme } from './scheme.js';

/** Where two versions part, the kind that stands further down here makes the newer one. */
const KINDS = [
  'pre-suffix',
  'end',
  'revision',
  'hash',
  'suffix-number',
  'post-suffix',
  'letter',
  'digits',
  'first-digits',
] as const;

interface Part {
  readonly kind: (typeof KINDS)[number];
  readonly text: string;
}

const PRE_SUFFIXES = ['alpha', 'beta', 'pre', 'rc'];
const POST_SUFFIXES = ['cvs', 'svn', 'git', 'hg', 'p'];

const RELATIONS = new Map([
  ['~', beginsWith],
  ['~=', beginsWith],
  ['=~', beginsWith],
  ['<~', (version, operand) => beginsWith(version, operand) || compareParts(version, operand) < 0],
  ['>~', (version, operand) => beginsWith(version, operand) || compareParts(version, operand) > 0],
] satisfies [string, (version: readonly Part[], operand: readonly Part[]) => boolean][]);
const REFUSED = new Map([['><', '>< compares the checksum of a package with another, and not its version']]);

/** Versions of Alpine: https://gitlab.alpinelinux.org/alpine/apk-tools/-/blob/master/doc/apk-package.5.scd, and apk-world.5.scd */
export const apk: Scheme = {
  rules: 'apk versions and dependencies',
  example: '>=1.2.4-r1 <1.3, ~1.2',
  compare: compareBy(parse, compareParts),
  parseRange: (range) =>
    comparatorRange(range, {
      operators: USUAL_OPERATORS,
      relations: RELATIONS,
      refused: REFUSED,
      parse,
      order: compareParts,
    }),
};

const SHAPE =
  /^(?<numbers>\d+(?:\.\d+)*)(?<letter>[a-z]?)(?<suffixes>(?:_[a-z]+\d*)*)(?:~(?<hash>[0-9a-f]+))?(?:-r(?<revision>\d+))?$/;

function parse(text: string): readonly Part[] | null {
  const { numbers, letter, suffixes, hash, revision } =
    (text.length <= MAX_VERSION_LENGTH && SHAPE.exec(text.trim())?.groups) || {};
  if (numbers === undefined) return null;
  const parts: Part[] = numbers
    .split('.')
    .map((digits, index): Part => ({ kind: index === 0 ? 'first-digits' : 'digits', text: digits }));
  if (letter) parts.push({ kind: 'letter', text: letter });
  for (const [, suffix = '', number = ''] of (suffixes ?? '').matchAll(/_([a-z]+)(\d*)/g)) {
    const isPre = PRE_SUFFIXES.includes(suffix);
    if (!isPre && !POST_SUFFIXES.includes(suffix)) return null;
    parts.push({ kind: isPre ? 'pre-suffix' : 'post-suffix', text: suffix });
    if (number !== '') parts.push({ kind: 'suffix-number', text: number });
  }
  if (hash !== undefined) parts.push({ kind: 'hash', text: hash });
  if (revision !== undefined) parts.push({ kind: 'revision', text: revision });
  return [...parts, { kind: 'end', text: '' }];
}

/** Every version ends, and no end is like another part: the walk stops at the shorter one at the latest. */
function compareParts(a: readonly Part[], b: readonly Part[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index];
    if (right === undefined) break;
    const order = comparePart(left, right);
    if (order !== 0) return order;
  }
  return 0;
}

function comparePart(a: Part, b: Part): number {
  if (a.kind !== b.kind) return KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind);
  switch (a.kind) {
    case 'pre-suffix':
      return PRE_SUFFIXES.indexOf(a.text) - PRE_SUFFIXES.indexOf(b.text);
    case 'post-suffix':
      return POST_SUFFIXES.indexOf(a.text) - POST_SUFFIXES.indexOf(b.text);
    case 'digits':
      // 1.05 is to 1.1 what a fraction is: behind the first dot a zero in front makes text of both.
      return a.text.startsWith('0') || b.text.startsWith('0')
        ? compareText(a.text, b.text)
        : compareDigits(a.text, b.text);
    case 'first-digits':
    case 'suffix-number':
    case 'revision':
      return compareDigits(a.text, b.text);
    case 'letter':
    case 'hash':
    case 'end':
      return compareText(a.text, b.text);
  }
}

/** Part by part: 1.23 does not begin with 1.2. */
function beginsWith(version: readonly Part[], operand: readonly Part[]): boolean {
  return operand.every((part, index) => {
    const there = version[index];
    return part.kind === 'end' || (there !== undefined && comparePart(there, part) === 0);
  });
}

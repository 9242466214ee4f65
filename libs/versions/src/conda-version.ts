import { compareDigits, compareText, MAX_VERSION_LENGTH } from './scheme.js';

/**
 * Versions as conda orders them (the text of `VersionOrder` in
 * https://docs.conda.io/projects/conda/en/stable/dev-guide/api/conda/models/version/): an epoch, components split at `.`, each
 * split into numbers and words; `dev` is older than any word, `post` newer than any number, a missing part is 0.
 */
export interface CondaVersion {
  /** The epoch is the first component. */
  readonly release: readonly (readonly Part[])[];
  readonly local: readonly (readonly Part[])[];
}

/** A number as digits, or a word; `post` is a number beyond all others. */
type Part = { readonly digits: string } | { readonly word: string } | 'post';
const ZERO: Part = { digits: '0' };

const CHARACTERS = /^[*.+!_0-9a-z]+$/;

export function parseCondaVersion(written: string): CondaVersion | null {
  if (written.length > MAX_VERSION_LENGTH) return null;
  let text = written.trim().toLowerCase();
  if (text.includes('-')) {
    if (text.includes('_')) return null;
    text = text.replaceAll('-', '_');
  }
  if (!CHARACTERS.test(text)) return null;
  const [beforeLocal = '', local, ...moreLocal] = text.split('+');
  const [first = '', second, ...moreEpochs] = beforeLocal.split('!');
  if (moreLocal.length > 0 || moreEpochs.length > 0 || local === '') return null;
  const [epoch, release] = second === undefined ? ['0', first] : [first, second];
  if (!/^\d+$/.test(epoch)) return null;
  const releaseParts = components(release);
  const localParts = local === undefined ? [] : components(local);
  if (releaseParts === null || localParts === null) return null;
  return { release: [[{ digits: epoch }], ...releaseParts], local: localParts };
}

export function compareConda(a: CondaVersion, b: CondaVersion): number {
  return compareComponents(a.release, b.release) || compareComponents(a.local, b.local);
}

/** `1.2.3` and `1.2.3a` start with `1.2`; `1.20` does not. */
export function condaStartsWith(version: CondaVersion, prefix: CondaVersion): boolean {
  if (prefix.local.length === 0) return componentsStartWith(version.release, prefix.release);
  return compareComponents(version.release, prefix.release) === 0 && componentsStartWith(version.local, prefix.local);
}

/** The series that `~=` keeps to: the version without its last component. null: there is none. */
export function condaSeries({ release }: CondaVersion): CondaVersion | null {
  // Epoch, and at least two components.
  return release.length < 3 ? null : { release: release.slice(0, -1), local: [] };
}

function components(text: string): Part[][] | null {
  // An underscore at the very end is a letter, as in openssl's 1.0.1_; elsewhere it separates.
  const isMarked = text.endsWith('_');
  const body = (isMarked ? text.slice(0, -1) : text).replaceAll('_', '.');
  const pieces = (isMarked ? `${body}_` : body).split('.');
  if (pieces.includes('')) return null;
  return pieces.map((piece) => {
    const parts = (piece.match(/\d+|\*+|[^\d*]+/g) ?? []).map(part);
    return /^\d/.test(piece) ? parts : [ZERO, ...parts];
  });
}

function part(text: string): Part {
  if (/^\d/.test(text)) return { digits: text };
  if (text === 'post') return 'post';
  // Capital letters come before all others: so `dev` is older than `a`.
  return { word: text === 'dev' ? 'DEV' : text };
}

type Components = CondaVersion['release'];

function compareComponents(a: Components, b: Components): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const order = compareParts(a[i] ?? [], b[i] ?? []);
    if (order !== 0) return order;
  }
  return 0;
}

function compareParts(a: readonly Part[], b: readonly Part[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const order = comparePart(a[i] ?? ZERO, b[i] ?? ZERO);
    if (order !== 0) return order;
  }
  return 0;
}

function comparePart(a: Part, b: Part): number {
  const rank = rankOf(a) - rankOf(b);
  if (rank !== 0 || a === 'post' || b === 'post') return rank;
  if ('word' in a && 'word' in b) return compareText(a.word, b.word);
  return 'digits' in a && 'digits' in b ? compareDigits(a.digits, b.digits) : 0;
}

/** Words are older than numbers. */
function rankOf(part: Part): number {
  if (part === 'post') return 2;
  return 'digits' in part ? 1 : 0;
}

function componentsStartWith(version: Components, prefix: Components): boolean {
  const last = prefix.length - 1;
  if (compareComponents(version.slice(0, last), prefix.slice(0, last)) !== 0) return false;
  const wanted = prefix[last] ?? [];
  const found = version[last] ?? [];
  const end = wanted.length - 1;
  if (compareParts(found.slice(0, end), wanted.slice(0, end)) !== 0) return false;
  const wantedEnd = wanted[end] ?? ZERO;
  const foundEnd = found[end] ?? ZERO;
  if (wantedEnd !== 'post' && 'word' in wantedEnd)
    return foundEnd !== 'post' && 'word' in foundEnd && foundEnd.word.startsWith(wantedEnd.word);
  return comparePart(foundEnd, wantedEnd) === 0;
}

import { normalizePypiName, redactUrl } from '@envarium/formats';
import { recipeInvalid, recipeRefused } from '../refusal.js';

/** One package that a lock file of Python fixes, in the words of a requirements file. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string | null;
  /** PEP 508 */
  readonly marker: string | null;
  /** `sha256:<hex>` of every file that may be installed */
  readonly hashes: readonly string[];
  /** where it is fetched, when that is not an index: `https://...`, `git+https://...@<commit>` */
  readonly link: string | null;
}

export interface LockReading {
  readonly packages: readonly LockedPackage[];
  /** `python` as the lock asks for it: `3.9`, `>=3.8` */
  readonly python: string | null;
  /** what could not be carried over, as sentences */
  readonly problems: readonly string[];
}

export interface Requirements {
  readonly text: string;
  /** pip then takes no other bytes than those that the lock names */
  readonly hasHashes: boolean;
  readonly withoutHash: readonly string[];
  readonly fromGit: readonly string[];
}

/**
 * A lock as a requirements file, sorted, with markers and hashes: pip reads no other lock.
 * https://pip.pypa.io/en/stable/topics/secure-installs/#hash-checking-mode
 */
export function formatRequirements(packages: readonly LockedPackage[], file: string): Requirements {
  const lines = packages
    .map((each) => ({ key: `${normalizePypiName(each.name)} ${each.version ?? ''} ${each.marker ?? ''}`, each }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const withoutHash = lines.filter(({ each }) => each.hashes.length === 0 || isGit(each)).map(({ each }) => each.name);
  const hasHashes = withoutHash.length === 0 && lines.length > 0;
  const text = lines.map(({ each }) => formatLine(each, hasHashes, file)).join('');
  return { text, hasHashes, withoutHash, fromGit: packages.filter(isGit).map(({ name }) => name) };
}

function isGit({ link }: LockedPackage): boolean {
  return link?.startsWith('git+') ?? false;
}

function formatLine({ name, version, marker, hashes, link }: LockedPackage, hasHashes: boolean, file: string): string {
  assertPlain(name, /^[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?$/, 'name', file);
  if (version !== null) assertPlain(version, /^[\w.!+-]+$/, 'version', file);
  if (marker !== null) assertPlain(marker, /^[^\r\n\\#;]*$/, 'marker', file);
  if (link !== null) assertLink(link, file);
  const what = link === null ? `${name}${version === null ? '' : `==${version}`}` : `${name} @ ${link}`;
  // A URL may hold a semicolon: the one that begins the marker stands behind a blank.
  const condition = marker === null ? '' : ` ; ${marker}`;
  const sums = hasHashes ? [...new Set(hashes)].sort() : [];
  for (const sum of sums) assertPlain(sum, /^sha(?:256|384|512):[0-9a-f]+$/, 'hash', file);
  return `${[what + condition, ...sums.map((sum) => `    --hash=${sum}`)].join(' \\\n')}\n`;
}

/** What stands in a lock is put into a file that pip obeys: it may say nothing more than it is asked. */
function assertPlain(text: string, pattern: RegExp, what: string, file: string): void {
  if (!pattern.test(text))
    throw recipeInvalid(file, null, `The ${what} of a package is not valid: ${JSON.stringify(text.slice(0, 80))}.`);
}

function assertLink(link: string, file: string): void {
  assertPlain(link.slice(0, 8), /^(?:git\+)?https?|^\.\//, 'address', file);
  if (/\s/.test(link)) throw recipeInvalid(file, null, 'The address of a package holds blanks.');
  if (redactUrl(link.replace(/^git\+/, '')).hadCredentials) {
    throw recipeRefused(file, null, 'The address of a package holds credentials.');
  }
}

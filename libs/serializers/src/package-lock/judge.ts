import type { LockFault, LockOffender } from '@envarium/schema';
import { z } from 'zod';
import { type LockResult, refuseLock } from '../lock/lock-result.js';

export const NPM_MEDIA_TYPE = 'application/json';

/** Only what decides whether npm gets the same bytes again. */
const Entry = z.object({
  version: z.unknown().optional(),
  resolved: z.unknown().optional(),
  integrity: z.unknown().optional(),
  link: z.unknown().optional(),
  /** lockfileVersion 2 and 3, and 1: it lies in the package file of the package that it is for */
  inBundle: z.unknown().optional(),
  bundled: z.unknown().optional(),
  dependencies: z.unknown().optional(),
});
type Entry = z.infer<typeof Entry>;
const Entries = z.record(z.string(), Entry);
const PackageLock = z.object({ packages: Entries.optional(), dependencies: Entries.optional() });

export interface PackageLockFile {
  readonly file: string;
  readonly bytes: Uint8Array;
}

const EXACT = /^v?\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/;
const COMMIT = /^git[+:].*#[0-9a-f]{40}$|^github:.*#[0-9a-f]{40}$/;
const INTEGRITY = /^(?:sha1|sha256|sha384|sha512)-[A-Za-z0-9+/]+={0,2}(?:\s+sha\d+-[A-Za-z0-9+/]+={0,2})*$/;
/** What npm keeps of an installed tree: it has no project that could be installed. */
const HIDDEN = /(?:^|\/)\.package-lock\.json$/;
const NESTING = 100;

/**
 * A deposited package-lock.json, when it fixes the bytes of every package in it. The tree of `node_modules` is part of
 * it, which a list of packages does not have: such a file cannot be made afterwards.
 * https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json
 */
export function judgePackageLock(found: readonly PackageLockFile[], asked?: string): LockResult {
  const files = found.filter(({ file }) => !HIDDEN.test(file));
  if (files.length === 0) return refuseLock('no-lock-file');
  const names = files.map(({ file }) => file);
  const candidates = asked === undefined ? files : files.filter(({ file }) => file === asked);
  if (candidates.length === 0) return refuseLock('file-unknown', { choices: names });
  const judged = candidates.map(({ file, bytes }) => ({ file, offenders: offendersOf(file, bytes) }));
  const exact = judged.filter(({ offenders }) => offenders.length === 0);
  const [first, second] = exact;
  if (second !== undefined) return refuseLock('several-files', { choices: exact.map(({ file }) => file) });
  if (first !== undefined) return { outcome: 'deposited', file: first.file };
  const [nearest] = judged.toSorted((a, b) => a.offenders.length - b.offenders.length);
  return refuseLock('not-exact', { offenders: nearest?.offenders ?? [] });
}

function offendersOf(file: string, bytes: Uint8Array): LockOffender[] {
  const lock = PackageLock.safeParse(parseJson(bytes));
  if (!lock.success) return [{ package: null, version: null, file, line: null, fault: 'not-understood' }];
  const entries =
    lock.data.packages === undefined ? nested(lock.data.dependencies ?? {}, 1) : Object.entries(lock.data.packages);
  return entries.flatMap(([place, entry]) => {
    const fault = place === '' ? null : faultOf(place, entry);
    const version = typeof entry.version === 'string' ? entry.version : null;
    return fault === null ? [] : [{ package: place, version, file, line: null, fault }];
  });
}

function faultOf(place: string, entry: Entry): LockFault | null {
  if (entry.inBundle === true || entry.bundled === true) return null;
  const [version, resolved] = [textOf(entry.version), textOf(entry.resolved)];
  if (entry.link === true || /^(?:file|link):/.test(resolved || version)) return 'local-path';
  if (!/(?:^|\/)node_modules\//.test(place)) return 'local-path';
  if (COMMIT.test(resolved || version)) return null;
  if (/^(?:git|github|gitlab|bitbucket|gist)[+:]/.test(resolved || version)) return 'no-commit';
  if (!EXACT.test(version) && !/^(?:https?:|npm:)/.test(version)) return 'no-version';
  return typeof entry.integrity === 'string' && INTEGRITY.test(entry.integrity.trim()) ? null : 'no-hash';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** lockfileVersion 1 nests packages as the folders are nested. */
function nested(entries: Readonly<Record<string, Entry>>, depth: number): [string, Entry][] {
  // No known version, so it is a fault, not a gap.
  if (depth > NESTING) return [['...', Entry.parse({})]];
  return Object.entries(entries).flatMap(([name, entry]): [string, Entry][] => {
    const below = Entries.safeParse(entry.dependencies);
    const place = `node_modules/${name}`;
    const inside = below.success ? nested(below.data, depth + 1) : [];
    return [[place, entry], ...inside.map(([rest, each]): [string, Entry] => [`${place}/${rest}`, each])];
  });
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

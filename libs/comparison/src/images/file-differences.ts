import type { DifferenceClass } from '@envarium/schema';
import { printable } from './byte-string.js';
import type { FileEntry, FileRecord } from './file-record.js';
import { noiseRuleOf } from './noise-policy.js';

const FIRST_PATHS = 10;
const TIME = 'modification-time';
const NOISE = 'noise:';

/** What two lists of files differ in, material classes first. A file stands in each class that it differs in. */
export function compareFiles(before: readonly FileEntry[], after: readonly FileEntry[]): DifferenceClass[] {
  const classes = new Map<string, { count: number; paths: string[] }>();
  const add = (name: string, { path }: FileEntry): void => {
    const found = classes.get(name) ?? { count: 0, paths: [] };
    classes.set(name, found);
    found.count += 1;
    if (found.paths.length < FIRST_PATHS) found.paths.push(printable(path));
  };
  for (const { entry, names } of differencesOf(before, after)) {
    const rule = noiseRuleOf(entry.path);
    if (rule !== null) add(`${NOISE}${rule}`, entry);
    else for (const name of names) add(name, entry);
  }
  return [...classes]
    .map(([name, { count, paths }]) => ({ name, count, paths, isMaterial: name !== TIME && !name.startsWith(NOISE) }))
    .toSorted((a, b) => Number(b.isMaterial) - Number(a.isMaterial) || b.count - a.count || (a.name < b.name ? -1 : 1));
}

export function isNoise({ name }: DifferenceClass): boolean {
  return name.startsWith(NOISE);
}

/** Walks two sorted lists side by side. */
function* differencesOf(
  before: readonly FileEntry[],
  after: readonly FileEntry[],
): Generator<{ readonly entry: FileEntry; readonly names: readonly string[] }, void, undefined> {
  let [i, j] = [0, 0];
  while (true) {
    const [old, now] = [before[i], after[j]];
    if (old === undefined && now === undefined) return;
    if (now === undefined || (old !== undefined && old.path < now.path)) {
      if (old !== undefined) yield { entry: old, names: ['removed'] };
      i += 1;
    } else if (old === undefined || now.path < old.path) {
      yield { entry: now, names: ['added'] };
      j += 1;
    } else {
      const names = aspectsOf(old, now);
      if (names.length > 0) yield { entry: now, names };
      i += 1;
      j += 1;
    }
  }
}

function aspectsOf(old: FileRecord, now: FileRecord): string[] {
  const names: string[] = [];
  if (old.type !== now.type) names.push('type');
  else {
    if (old.sha256 !== now.sha256) names.push('content');
    if (old.target !== now.target) names.push('link');
    if (old.device !== now.device) names.push('device');
  }
  if (old.mode !== now.mode) names.push('mode');
  if (old.uid !== now.uid || old.gid !== now.gid) names.push('owner');
  if (!haveSameXattrs(old, now)) names.push('xattr');
  if (old.mtime !== now.mtime) names.push(TIME);
  return names;
}

function haveSameXattrs({ xattrs: old }: FileRecord, { xattrs: now }: FileRecord): boolean {
  return old.length === now.length && old.every(([name, value], i) => now[i]?.[0] === name && now[i]?.[1] === value);
}

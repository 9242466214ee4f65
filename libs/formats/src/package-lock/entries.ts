import { JsonObject } from '../json-evidence.js';
import { LockEntry, type PackageLock } from './schema.js';

/** One installed place of a package in the tree. */
export interface LocatedEntry {
  /** path in the project, `/` separated: `node_modules/a/node_modules/b`, or the folder of a workspace */
  readonly path: string;
  /** keys that lead to the entry in the JSON text */
  readonly keys: readonly string[];
  /** null when the entry is no JSON object */
  readonly entry: LockEntry | null;
}

/**
 * Entries in the order of the file. lockfileVersion 2 carries both shapes; `packages` says more
 * (https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json#packages). The root project is left out.
 */
export function* locatedEntries(lock: PackageLock): Generator<LocatedEntry> {
  if (lock.packages === undefined) {
    yield* nested(lock.dependencies ?? {}, '', []);
    return;
  }
  for (const [path, value] of Object.entries(lock.packages)) {
    if (path === '') continue;
    yield { path, keys: ['packages', path], entry: readEntry(value) };
  }
}

/** Recursive, but never deeper than `limits.nesting`: the JSON text was refused before. */
function* nested(
  dependencies: Readonly<Record<string, unknown>>,
  parent: string,
  parentKeys: readonly string[],
): Generator<LocatedEntry> {
  for (const [name, value] of Object.entries(dependencies)) {
    const path = `${parent}node_modules/${name}`;
    const keys = [...parentKeys, 'dependencies', name];
    const entry = readEntry(value);
    yield { path, keys, entry };
    if (entry?.dependencies !== undefined) yield* nested(entry.dependencies, `${path}/`, keys);
  }
}

function readEntry(value: unknown): LockEntry | null {
  const object = JsonObject.safeParse(value);
  return object.success ? LockEntry.parse(object.data) : null;
}

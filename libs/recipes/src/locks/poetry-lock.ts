import { normalizePypiName } from '@envarium/formats';
import { z } from 'zod';
import { parseToml } from '../documents.js';
import { conditionsOf, type Edge } from './marker-graph.js';
import { both, simplifyMarker, type Truth } from './marker.js';
import type { LockedPackage, LockReading } from './locked-package.js';

const Dependency = z.union([
  z.string(),
  z.object({ version: z.string().optional(), markers: z.string().optional(), optional: z.boolean().optional() }),
]);
const Dependencies = z.record(z.string(), z.union([Dependency, z.array(Dependency)]));
const File = z.object({ file: z.string(), hash: z.string() });

const Entry = z.object({
  name: z.string(),
  version: z.string(),
  optional: z.boolean().optional(),
  category: z.string().optional(),
  groups: z.array(z.string()).optional(),
  markers: z.union([z.string(), z.record(z.string(), z.string())]).optional(),
  files: z.array(File).optional(),
  dependencies: Dependencies.optional(),
  source: z.object({ type: z.string(), url: z.string(), resolved_reference: z.string().optional() }).optional(),
});
type Entry = z.infer<typeof Entry>;

const PoetryLock = z.object({
  package: z.array(Entry).optional(),
  metadata: z.object({
    'python-versions': z.string().optional(),
    files: z.record(z.string(), z.array(File)).optional(),
    hashes: z.record(z.string(), z.array(z.string())).optional(),
  }),
});
type PoetryLock = z.infer<typeof PoetryLock>;

/** Dependencies of the project itself, as its pyproject.toml names them; null when that is not there. */
export type RootDependencies = ReadonlyMap<string, string | null> | null;

/** https://python-poetry.org/docs/basic-usage/#installing-with-poetrylock, of all its versions; the main group, no extras. */
export function readPoetryLock(text: string, roots: RootDependencies, file: string): LockReading {
  const lock = parseToml(text, PoetryLock, file);
  const entries = lock.package ?? [];
  const problems: string[] = [];
  const isMarked = entries.some(({ groups }) => groups !== undefined);
  const conditions = isMarked ? null : walk(entries, roots);
  if (!isMarked && conditions === null) {
    problems.push('Which packages are for developing only is not told; all are installed.');
  }
  const packages = entries.flatMap((entry): LockedPackage[] => {
    const known = isMarked ? conditionOf(entry) : conditions?.get(normalizePypiName(entry.name));
    const condition = known ?? (conditions === null && entry.optional !== true);
    if (condition === false) return [];
    if (entry.source?.type === 'directory' || entry.source?.type === 'file') {
      problems.push(`${entry.name} is a folder or a file of the deposit and is not installed.`);
      return [];
    }
    return [toPackage(entry, condition, lock)];
  });
  return { packages, python: lock.metadata['python-versions'] ?? null, problems };
}

/** Lock version 2.1 says for each package when it is needed. */
function conditionOf({ groups, markers }: Entry): Truth {
  if (!(groups ?? []).includes('main')) return false;
  const marker = typeof markers === 'string' ? markers : markers?.['main'];
  return marker === undefined
    ? true
    : (simplifyMarker(marker, (atom) => (atom.startsWith('extra ==') ? false : null)) ?? true);
}

/** Older locks tell it by the dependencies of each package, and before 1.2 by a category. */
function walk(entries: readonly Entry[], roots: RootDependencies): Map<string, Truth> | null {
  const byName = new Map(entries.map((entry) => [normalizePypiName(entry.name), entry]));
  const start =
    roots === null ? rootsByCategory(entries) : [...roots].map(([to, marker]) => edge(to, marker ?? undefined));
  if (start === null) return null;
  return conditionsOf(start, (name) =>
    Object.entries(byName.get(name)?.dependencies ?? {}).flatMap(([to, wish]) =>
      (Array.isArray(wish) ? wish : [wish]).map((each) =>
        edge(normalizePypiName(to), typeof each === 'string' ? undefined : each.markers),
      ),
    ),
  );
}

function rootsByCategory(entries: readonly Entry[]): Edge[] | null {
  if (!entries.some(({ category }) => category !== undefined)) return null;
  const main = entries.filter(({ category, optional }) => category === 'main' && optional !== true);
  const isNamed = new Set(main.flatMap(({ dependencies }) => Object.keys(dependencies ?? {}).map(normalizePypiName)));
  return main
    .filter(({ name }) => !isNamed.has(normalizePypiName(name)))
    .map(({ name }) => edge(normalizePypiName(name)));
}

/** A package is in the lock because an extra asked for it, so that what its marker says of extras holds. */
function edge(to: string, marker?: string): Edge {
  if (marker === undefined || marker === '') return { to, marker: true };
  return {
    to,
    marker: both(true, simplifyMarker(marker, (atom) => (atom.startsWith('extra ==') ? true : null)) ?? true),
  };
}

function toPackage(entry: Entry, condition: Truth, { metadata }: PoetryLock): LockedPackage {
  const files = entry.files ?? metadata.files?.[entry.name] ?? [];
  const { source } = entry;
  const isGit = source?.type === 'git';
  return {
    name: entry.name,
    version: entry.version,
    marker: typeof condition === 'string' ? condition : null,
    hashes: [
      ...files.map(({ hash }) => hash),
      ...(metadata.hashes?.[entry.name] ?? []).map((hex) => `sha256:${hex}`),
    ].filter((hash) => /^sha(?:256|384|512):/.test(hash)),
    link: isGit ? `git+${source.url}@${source.resolved_reference ?? ''}` : source?.type === 'url' ? source.url : null,
  };
}

import { z } from 'zod';
import { parseToml } from '../documents.js';
import { conditionsOf, type Edge } from './marker-graph.js';
import { simplifyMarker, type Truth } from './marker.js';
import type { LockedPackage, LockReading } from './locked-package.js';

const Archive = z.object({ url: z.string().optional(), hash: z.string().optional() });
const Dependency = z.object({
  name: z.string(),
  version: z.string().optional(),
  marker: z.string().optional(),
  extra: z.array(z.string()).optional(),
});
type Dependency = z.infer<typeof Dependency>;

const Entry = z.object({
  name: z.string(),
  version: z.string().optional(),
  source: z.record(z.string(), z.unknown()).optional(),
  dependencies: z.array(Dependency).optional(),
  'optional-dependencies': z.record(z.string(), z.array(Dependency)).optional(),
  sdist: Archive.optional(),
  wheels: z.array(Archive).optional(),
});
type Entry = z.infer<typeof Entry>;

const UvLock = z.object({
  version: z.number(),
  'requires-python': z.string().optional(),
  package: z.array(Entry).optional(),
});

const LOCAL: readonly string[] = ['virtual', 'editable', 'directory', 'path'];

/** https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile; the project's own dependencies, no groups, no extras. */
export function readUvLock(text: string, file: string): LockReading {
  const lock = parseToml(text, UvLock, file);
  const entries = lock.package ?? [];
  const graph = new UvGraph(entries);
  const problems: string[] = [];
  const packages: LockedPackage[] = [];
  for (const [key, condition] of graph.conditions()) {
    const entry = graph.entry(key);
    if (entry === undefined || condition === false) continue;
    const kind = Object.keys(entry.source ?? {})[0] ?? 'registry';
    if (!LOCAL.includes(kind)) packages.push(toPackage(entry, condition));
    else if (!isRoot(entry)) problems.push(`${entry.name} is a folder of the deposit and is not installed.`);
  }
  return { packages: mergeVariants(packages), python: lock['requires-python'] ?? null, problems };
}

/** A package is a node for itself, and one more for each of its extras. */
class UvGraph {
  readonly #byName = new Map<string, Entry[]>();

  constructor(private readonly entries: readonly Entry[]) {
    for (const entry of entries) this.#byName.set(entry.name, [...(this.#byName.get(entry.name) ?? []), entry]);
  }

  entry(key: string): Entry | undefined {
    const [name = '', version = ''] = key.split(' ');
    return this.#byName.get(name)?.find((entry) => (entry.version ?? '') === version);
  }

  conditions(): Map<string, Truth> {
    const roots = this.entries.filter(isRoot).map((entry): Edge => ({ to: keyOf(entry, ''), marker: true }));
    return conditionsOf(roots, (key) => this.#edgesFrom(key));
  }

  #edgesFrom(key: string): Edge[] {
    const entry = this.entry(key);
    if (entry === undefined) return [];
    const extra = key.split(' ')[2] ?? '';
    const dependencies = extra === '' ? entry.dependencies : entry['optional-dependencies']?.[extra];
    return (dependencies ?? []).flatMap((dependency) => this.#edgesTo(dependency));
  }

  #edgesTo(dependency: Dependency): Edge[] {
    const { name, version, marker: written, extra = [] } = dependency;
    const marker = written === undefined ? true : (simplifyMarker(written, withoutExtras) ?? true);
    const targets = (this.#byName.get(name) ?? []).filter(
      (entry) => version === undefined || entry.version === version,
    );
    return targets.flatMap((entry) => ['', ...extra].map((each): Edge => ({ to: keyOf(entry, each), marker })));
  }
}

function keyOf({ name, version }: Entry, extra: string): string {
  return `${name} ${version ?? ''} ${extra}`;
}

function isRoot({ source }: Entry): boolean {
  return LOCAL.some((kind) => source?.[kind] === '.');
}

/** No extra of the project is asked for. */
function withoutExtras(atom: string): boolean | null {
  if (atom.startsWith('extra ==')) return false;
  return atom.startsWith('extra !=') ? true : null;
}

function toPackage(entry: Entry, condition: Truth): LockedPackage {
  const files = [...(entry.wheels ?? []), ...(entry.sdist === undefined ? [] : [entry.sdist])];
  const { git, url } = entry.source ?? {};
  return {
    name: entry.name,
    version: entry.version ?? null,
    marker: typeof condition === 'string' ? condition : null,
    hashes: files.flatMap(({ hash }) => hash ?? []),
    link: typeof git === 'string' ? gitLink(git) : typeof url === 'string' ? url : null,
  };
}

/** `https://host/repo?rev=main#<commit>`: only the commit says which one. */
function gitLink(source: string): string {
  const [address = '', commit] = source.split('#');
  const [place = ''] = address.split('?');
  return `git+${place}${commit === undefined ? '' : `@${commit}`}`;
}

/** The extras of a package are the package once more. */
function mergeVariants(packages: readonly LockedPackage[]): LockedPackage[] {
  const merged = new Map<string, LockedPackage>();
  for (const each of packages) {
    const key = `${each.name} ${each.version ?? ''}`;
    const before = merged.get(key);
    const isAlways = before?.marker === null || each.marker === null;
    const isSame = before === undefined || before.marker === each.marker;
    const marker = isSame ? each.marker : isAlways ? null : `${before.marker ?? ''} or ${each.marker ?? ''}`;
    merged.set(key, { ...each, marker });
  }
  return [...merged.values()];
}

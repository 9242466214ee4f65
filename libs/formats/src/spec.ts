import type { EnvironmentSpec, ScopeKind, SpecPackage } from '@envarium/schema';

/** A spec that says nothing yet. @param format id of the format that reads the file */
export function emptySpec(format: string, scope: ScopeKind): EnvironmentSpec {
  return {
    format,
    scope,
    packages: [],
    runtimes: [],
    baseImages: [],
    variables: [],
    sources: [],
    references: [],
    problems: [],
    secrets: [],
  };
}

/** A list may be long: what is in it already is known without looking through it. */
const sourcesOf = new WeakMap<EnvironmentSpec, Set<string>>();

/** A channel, an index or a repository that the file names, once. */
export function addSource(spec: EnvironmentSpec, url: string): void {
  const known = sourcesOf.get(spec) ?? new Set(spec.sources);
  sourcesOf.set(spec, known);
  if (known.has(url)) return;
  known.add(url);
  spec.sources.push(url);
}

type Known = Pick<SpecPackage, 'ecosystem' | 'name' | 'standing'> & Partial<SpecPackage>;

/** A package of which only `known` is known: every other field says so. The name compares as it is written. */
export function specPackage(known: Known): SpecPackage {
  return {
    normalizedName: known.name,
    version: null,
    specifier: null,
    build: null,
    purl: null,
    hashes: [],
    source: null,
    marker: null,
    group: null,
    line: null,
    skipReason: null,
    ...known,
  };
}

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

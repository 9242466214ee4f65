import type { EnvironmentManifest, PackageChange, PackageDiff, ScopeKind } from '@envarium/schema';
import { compareVersions } from '@envarium/versions';
import { isNumerical } from './numerical.js';

interface Named {
  readonly scope: ScopeKind;
  readonly ecosystem: string;
  readonly name: string;
  readonly versions: Set<string>;
  /** Version and build. */
  readonly builds: Set<string>;
  /** What was asked for. */
  readonly specifiers: Set<string>;
}

export interface PackagesDiff {
  readonly packages: PackageDiff[];
  readonly equal: number;
}

const SCOPES: readonly ScopeKind[] = ['host', 'container', 'language'];

/** Packages by scope, ecosystem and name. A package that only one side fixes has not changed: it is undetermined. */
export function diffPackages(from: readonly EnvironmentManifest[], to: readonly EnvironmentManifest[]): PackagesDiff {
  const [before, after] = [byName(from), byName(to)];
  const packages: PackageDiff[] = [];
  let equal = 0;
  for (const key of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const [left, right] = [before.get(key), after.get(key)];
    const named = left ?? right;
    if (named === undefined) continue;
    const change = changeOf(left, right);
    if (change === null) {
      equal++;
      continue;
    }
    const { scope, ecosystem, name } = named;
    const shown = (side: Named | undefined): string[] => valuesOf(side, change === 'build');
    packages.push({
      scope,
      ecosystem,
      name,
      change,
      from: shown(left),
      to: shown(right),
      isNumerical: isNumerical(name),
    });
  }
  return { packages, equal };
}

function byName(manifests: readonly EnvironmentManifest[]): Map<string, Named> {
  const found = new Map<string, Named>();
  for (const { kind, packages } of manifests.flatMap(({ scopes }) => scopes)) {
    for (const { ecosystem, normalizedName: name, version, build, specifier } of packages) {
      // The scope first, so that sorted keys go from the machine inwards.
      const key = JSON.stringify([SCOPES.indexOf(kind), ecosystem, name]);
      const named = found.get(key) ?? {
        scope: kind,
        ecosystem,
        name,
        versions: new Set(),
        builds: new Set(),
        specifiers: new Set(),
      };
      found.set(key, named);
      if (version === null) named.specifiers.add(specifier ?? '');
      else {
        named.versions.add(version);
        named.builds.add(build === null ? version : `${version} ${build}`);
      }
    }
  }
  return found;
}

/** null: equal. */
function changeOf(from: Named | undefined, to: Named | undefined): PackageChange | null {
  if (from === undefined) return 'added';
  if (to === undefined) return 'removed';
  const isFixed = [from.versions.size > 0, to.versions.size > 0];
  if (isFixed[0] !== isFixed[1]) return 'undetermined';
  if (isFixed[0] === false) return isSame(from.specifiers, to.specifiers) ? null : 'undetermined';
  if (isSame(from.builds, to.builds)) return null;
  if (isSame(from.versions, to.versions)) return knowsBuilds(from) && knowsBuilds(to) ? 'build' : null;
  return direction(from, to);
}

function direction({ ecosystem, versions: from }: Named, { versions: to }: Named): 'newer' | 'older' | 'changed' {
  const [left, right] = [[...from], [...to]];
  if (left.length !== 1 || right.length !== 1) return 'changed';
  const order = compareVersions(ecosystem, left[0] ?? '', right[0] ?? '');
  if (order === null || order === 0) return 'changed';
  return order < 0 ? 'newer' : 'older';
}

/** A listing without builds says nothing of them. */
function knowsBuilds({ versions, builds }: Named): boolean {
  return [...builds].every((build) => !versions.has(build));
}

function isSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((each) => b.has(each));
}

function valuesOf(side: Named | undefined, withBuilds: boolean): string[] {
  if (side === undefined) return [];
  if (side.versions.size > 0) return [...(withBuilds ? side.builds : side.versions)].sort();
  return [...side.specifiers].map((specifier) => `asks for ${specifier === '' ? 'any version' : specifier}`).sort();
}

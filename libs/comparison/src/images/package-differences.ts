import type { PackageDifference } from '@envarium/schema';
import type { FileListing, ImagePackage } from './file-listing.js';

export interface PackageComparison {
  readonly differences: readonly PackageDifference[];
  /** Ecosystems that at least one of the two images has, by whether both have the same packages. */
  readonly same: readonly string[];
  readonly different: readonly string[];
  /** Places that nobody read and that differ, or may differ. */
  readonly unread: readonly string[];
}

export function comparePackages(before: FileListing, after: FileListing): PackageComparison {
  const differences = packageDifferences(before.packages, after.packages);
  const ecosystems = new Set([...before.packages, ...after.packages].map(({ ecosystem }) => ecosystem));
  const different = new Set(differences.map(({ ecosystem }) => ecosystem));
  return {
    differences,
    same: [...ecosystems].filter((ecosystem) => !different.has(ecosystem)).toSorted(),
    different: [...different].toSorted(),
    unread: unreadDifferences(before, after),
  };
}

function packageDifferences(before: readonly ImagePackage[], after: readonly ImagePackage[]): PackageDifference[] {
  const [old, now] = [versionsOf(before), versionsOf(after)];
  const keys = [...new Set([...old.keys(), ...now.keys()])].toSorted();
  return keys.flatMap((key) => {
    const found = old.get(key) ?? now.get(key);
    if (found === undefined) return [];
    const { ecosystem, name } = found;
    const [gone, come] = [without(old.get(key), now.get(key)), without(now.get(key), old.get(key))];
    // Several versions of one package may be installed; those that only one image has are paired in order.
    return Array.from({ length: Math.max(gone.length, come.length) }, (_, i): PackageDifference => {
      const [was, is] = [gone[i] ?? null, come[i] ?? null];
      return { ecosystem, name, before: was, after: is, text: inWords(name, was, is) };
    });
  });
}

interface Versions {
  readonly ecosystem: string;
  readonly name: string;
  readonly versions: string[];
}

function versionsOf(packages: readonly ImagePackage[]): ReadonlyMap<string, Versions> {
  const found = new Map<string, Versions>();
  for (const { ecosystem, name, version } of packages) {
    const key = `${ecosystem}\0${name}`;
    const there = found.get(key);
    if (there === undefined) found.set(key, { ecosystem, name, versions: [version] });
    else there.versions.push(version);
  }
  return found;
}

/** What is in the first list more often than in the second. */
function without(these: Versions | undefined, those: Versions | undefined): string[] {
  const left = [...(those?.versions ?? [])];
  return (these?.versions ?? []).filter((version) => {
    const at = left.indexOf(version);
    if (at !== -1) left.splice(at, 1);
    return at === -1;
  });
}

function inWords(name: string, before: string | null, after: string | null): string {
  if (after === null) return `${name} ${before ?? ''} is missing`;
  return before === null ? `${name} ${after} was added` : `${name} ${before} became ${after}`;
}

/** The same bytes say the same, whoever can read them. */
function unreadDifferences(before: FileListing, after: FileListing): string[] {
  const paths = new Set([...before.unreadPackages, ...after.unreadPackages].map(({ path }) => path));
  if (paths.size === 0) return [];
  const [old, now] = [before, after].map(({ entries }) => new Map(entries.map(({ path, sha256 }) => [path, sha256])));
  return [...paths].filter((path) => old?.get(path) === undefined || old.get(path) !== now?.get(path)).toSorted();
}

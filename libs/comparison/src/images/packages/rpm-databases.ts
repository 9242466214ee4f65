import { type FoundInFile, type FoundPackage, isUnread } from './package-source.js';

/** Newer forms and places first: an update of rpm makes the new database, and may leave the old one where it was. */
const FORMS = ['rpmdb.sqlite', 'Packages.db', 'Packages'];
const PLACES = ['usr/lib/sysimage/rpm', 'usr/share/rpm', 'var/lib/rpm'];

/**
 * rpm reads one database. Of several, the packages of the first are those of the image; another is spoken of where it
 * does not say the same.
 */
export function settleRpmDatabases(databases: readonly FoundInFile[]): readonly FoundInFile[] {
  const [chosen, ...others] = databases.toSorted((a, b) => rank(a.path) - rank(b.path));
  if (chosen === undefined) return [];
  const because = `rpm reads ${chosen.path}`;
  const stated = contentOf(chosen);
  const different = others.filter((other) => stated === null || contentOf(other) !== stated);
  return [chosen, ...different.map(({ path }) => ({ path, found: { reason: 'other-database', because } }) as const)];
}

function rank(path: string): number {
  const slash = path.lastIndexOf('/');
  return FORMS.indexOf(path.slice(slash + 1)) * PLACES.length + PLACES.indexOf(path.slice(0, slash));
}

/** Null: nobody knows. */
function contentOf({ found }: FoundInFile): string | null {
  return isUnread(found) ? null : JSON.stringify(found.map(identityOf).toSorted());
}

function identityOf({ name, version, qualifiers }: FoundPackage): string {
  return `${name}\0${version}\0${qualifiers?.['arch'] ?? ''}`;
}

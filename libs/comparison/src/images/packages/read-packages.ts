import { printable } from '../byte-string.js';
import type { ImagePackage, UnreadPackages } from '../file-listing.js';
import type { ByteString, FileRecord } from '../file-record.js';
import { APK_INSTALLED } from './apk.js';
import { CONDA_RECORD, readCondaMeta } from './conda.js';
import { R_DESCRIPTION } from './cran.js';
import { DPKG_STATUS, DPKG_STATUS_FILES } from './deb.js';
import { NODE_MODULES } from './npm.js';
import { JULIA_DEPOT, JULIA_MANIFEST } from './julia.js';
import type { FoundPackage, PackageSource } from './package-source.js';
import { RPM_SQLITE } from './rpm.js';
import { PYTHON_METADATA } from './pypi.js';

const SOURCES: readonly PackageSource[] = [
  DPKG_STATUS,
  DPKG_STATUS_FILES,
  APK_INSTALLED,
  PYTHON_METADATA,
  NODE_MODULES,
  R_DESCRIPTION,
  CONDA_RECORD,
  JULIA_DEPOT,
  JULIA_MANIFEST,
  RPM_SQLITE,
];

/**
 * Version of the readers: a list that was made by fewer of them must not be compared with one of today as if what nobody
 * looked for were not there.
 */
export const PACKAGE_READERS = {
  name: 'package-readers',
  version: 2,
  ecosystems: ['apk', 'conda', 'cran', 'deb', 'julia', 'npm', 'pypi', 'rpm'],
} as const;
/** A regular expression costs more than a look at the end of the path; nearly every file ends here. */
const LIKELY =
  /(?:\/status|\/status\.d\/[^/]+|\/installed|\/METADATA|\/PKG-INFO|\.egg-info|\/package\.json|\/DESCRIPTION|\/(?:Julia)?(?:Project|Manifest)\.toml|\/rpmdb\.sqlite|\/conda-meta\/[^/]+\.json)$/;

/** Berkeley DB and NDB, and changes that SQLite has not yet written to its file. */
const RPM_DATABASE = /^(?:var|usr)\/lib\/(?:sysimage\/)?rpm\/(?:Packages|Packages\.db|rpmdb\.sqlite-wal)$/;

/** What a file says about packages; a text: why nobody knows. */
export interface PackageFinding {
  readonly source: PackageSource;
  readonly found: readonly FoundPackage[] | UnreadPackages['reason'];
}

/** @returns how to read the file while it passes by */
export function packageSourceOf(path: ByteString): PackageSource | null {
  if (!LIKELY.test(path)) return null;
  return (
    SOURCES.find(({ pattern, cachePattern }) => (cachePattern ?? pattern).test(path) || pattern.test(path)) ?? null
  );
}

/** @param head the first `maxSize` bytes of the content */
export function readPackageFile(source: PackageSource, head: Uint8Array, size: number): PackageFinding {
  if (size > source.maxSize && !source.isHeadEnough) return { source, found: 'too-large' };
  const content = Buffer.from(head.buffer, head.byteOffset, head.length);
  return { source, found: source.read(content) ?? 'not-understood' };
}

export interface PackagesOfImage {
  readonly packages: readonly ImagePackage[];
  readonly unread: readonly UnreadPackages[];
}

/** @param files the merged tree: a package that an upper layer took away is not there */
export function packagesOfImage(
  files: Iterable<{ readonly path: ByteString; readonly record: FileRecord; readonly finding: PackageFinding | null }>,
): PackagesOfImage {
  const packages: ImagePackage[] = [];
  const unread: UnreadPackages[] = [];
  for (const { path, record, finding } of files) {
    const found = record.type === 'file' ? packagesAt(path, record.size, finding) : [];
    const shown = found.length === 0 ? '' : printable(path);
    if (typeof found === 'string') unread.push({ path: shown, reason: found });
    else for (const each of found) packages.push({ ...each, path: shown });
  }
  return { packages: packages.toSorted(byName), unread };
}

function packagesAt(path: ByteString, size: number, finding: PackageFinding | null): PackageFinding['found'] {
  if (RPM_DATABASE.test(path)) return size === 0 ? [] : 'rpm-database';
  if (LIKELY.test(path)) {
    const source = SOURCES.find(({ pattern }) => pattern.test(path));
    if (source === undefined) return [];
    if (source === CONDA_RECORD && !Array.isArray(finding?.found)) return condaByName(path);
    // A hard link to content that passed by under a name that says nothing.
    return finding?.source === source ? finding.found : 'hard-link';
  }
  return [];
}

function condaByName(path: ByteString): readonly FoundPackage[] {
  const found = readCondaMeta(path);
  return found === null ? [] : [found];
}

function byName(a: ImagePackage, b: ImagePackage): number {
  return (
    compare(a.ecosystem, b.ecosystem) ||
    compare(a.name, b.name) ||
    compare(a.version, b.version) ||
    compare(a.path, b.path)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

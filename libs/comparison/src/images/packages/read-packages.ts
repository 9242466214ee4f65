import { printable } from '../byte-string.js';
import type { ImagePackage, UnreadPackages } from '../file-listing.js';
import type { ByteString, FileRecord } from '../file-record.js';
import { APK_INSTALLED } from './apk.js';
import { CONDA_RECORD, readCondaMeta } from './conda.js';
import { R_DESCRIPTION } from './cran.js';
import { DPKG_STATUS, DPKG_STATUS_FILES } from './deb.js';
import { NODE_MODULES } from './npm.js';
import { JULIA_DEPOT, JULIA_MANIFEST } from './julia.js';
import { type FoundInFile, type FoundPackage, isUnread, NotUnderstood, type PackageSource } from './package-source.js';
import { RPM_BERKELEY, RPM_NDB, RPM_SQLITE } from './rpm.js';
import { settleRpmDatabases } from './rpm-databases.js';
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
  RPM_NDB,
  RPM_BERKELEY,
];

/**
 * Version of the readers, those of programs too: a list that was made by fewer of them must not be compared with one of today as if what nobody
 * looked for were not there.
 */
export const PACKAGE_READERS = {
  name: 'package-readers',
  version: 3,
  ecosystems: ['apk', 'conda', 'cran', 'deb', 'julia', 'npm', 'pypi', 'rpm'],
} as const;
/** A regular expression costs more than a look at the end of the path; nearly every file ends here. */
const LIKELY =
  /(?:\/status|\/status\.d\/[^/]+|\/installed|\/METADATA|\/PKG-INFO|\.egg-info|\/package\.json|\/DESCRIPTION|\/(?:Julia)?(?:Project|Manifest)\.toml|\/rpm\/(?:rpmdb\.sqlite|Packages(?:\.db)?)|\/conda-meta\/[^/]+\.json)$/;

/** Changes that SQLite has not yet written to its file. */
const RPM_CHANGES = /^(?:var\/lib|usr\/lib\/sysimage|usr\/share)\/rpm\/rpmdb\.sqlite-wal$/;

/** What a file says about packages. */
export interface PackageFinding {
  readonly source: PackageSource;
  readonly found: FoundInFile['found'];
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
  if (size > source.maxSize && !source.isHeadEnough) return { source, found: { reason: 'too-large' } };
  const content = Buffer.from(head.buffer, head.byteOffset, head.length);
  try {
    return { source, found: source.read(content) ?? { reason: 'not-understood' } };
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error;
    return { source, found: { reason: 'not-understood', because: error.message } };
  }
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
  const rpm: FoundInFile[] = [];
  const keep = ({ path, found }: FoundInFile): void => {
    if (isUnread(found)) unread.push({ path, ...found });
    else for (const each of found) packages.push({ ...each, path });
  };
  for (const { path, record, finding } of files) {
    if (record.type !== 'file') continue;
    const source = sourceAt(path);
    if (source !== undefined) {
      const inFile = { path: printable(path), found: foundAt(path, source, finding) };
      if (source.ecosystem !== 'rpm') keep(inFile);
      else if (record.size > 0) rpm.push(inFile);
    } else if (RPM_CHANGES.test(path) && record.size > 0) {
      unread.push({ path: printable(path), reason: 'rpm-database' });
    }
  }
  settleRpmDatabases(rpm).forEach(keep);
  return { packages: packages.toSorted(byName), unread: unread.toSorted((a, b) => compare(a.path, b.path)) };
}

function sourceAt(path: ByteString): PackageSource | undefined {
  return LIKELY.test(path) ? SOURCES.find(({ pattern }) => pattern.test(path)) : undefined;
}

function foundAt(path: ByteString, source: PackageSource, finding: PackageFinding | null): PackageFinding['found'] {
  if (source === CONDA_RECORD && (finding === null || isUnread(finding.found))) return condaByName(path);
  // A hard link to content that passed by under a name that says nothing.
  return finding?.source === source ? finding.found : { reason: 'hard-link' };
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

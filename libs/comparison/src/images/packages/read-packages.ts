import { printable } from '../byte-string.js';
import type { ImagePackage, UnreadPackages } from '../file-listing.js';
import type { ByteString, FileRecord } from '../file-record.js';
import { APK_INSTALLED } from './apk.js';
import { readCondaMeta } from './conda.js';
import { R_DESCRIPTION } from './cran.js';
import { DPKG_STATUS, DPKG_STATUS_FILES } from './deb.js';
import { NODE_MODULES } from './npm.js';
import type { FoundPackage, PackageSource } from './package-source.js';
import { PYTHON_METADATA } from './pypi.js';

const SOURCES: readonly PackageSource[] = [
  DPKG_STATUS,
  DPKG_STATUS_FILES,
  APK_INSTALLED,
  PYTHON_METADATA,
  NODE_MODULES,
  R_DESCRIPTION,
];
/** A regular expression costs more than a look at the end of the path; nearly every file ends here. */
const LIKELY =
  /(?:\/status|\/status\.d\/[^/]+|\/installed|\/METADATA|\/PKG-INFO|\.egg-info|\/package\.json|\/DESCRIPTION)$/;

/** Berkeley DB, NDB and SQLite: none can be read without the programs that belong to them. */
const RPM_DATABASE = /^(?:var|usr)\/lib\/(?:sysimage\/)?rpm\/(?:Packages|Packages\.db|rpmdb\.sqlite)$/;

/** What a file says about packages. */
export type PackageFinding = readonly FoundPackage[] | UnreadPackages['reason'];

export function packageSourceOf(path: ByteString): PackageSource | null {
  if (!LIKELY.test(path)) return null;
  return SOURCES.find(({ pattern }) => pattern.test(path)) ?? null;
}

/** @param head the first `maxSize` bytes of the content */
export function readPackageFile(source: PackageSource, head: Uint8Array, size: number): PackageFinding {
  if (size > source.maxSize && !source.isHeadEnough) return 'too-large';
  return source.read(Buffer.from(head.buffer, head.byteOffset, head.length).toString('utf8')) ?? 'not-understood';
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
    if (record.type !== 'file') continue;
    if (typeof finding === 'string') unread.push({ path: printable(path), reason: finding });
    else if (finding !== null) packages.push(...finding.map((found) => ({ ...found, path: printable(path) })));
    else if (RPM_DATABASE.test(path)) unread.push({ path: printable(path), reason: 'rpm-database' });
    else if (path.endsWith('.json')) {
      const found = readCondaMeta(path);
      if (found !== null) packages.push({ ...found, path: printable(path) });
    }
  }
  return { packages: packages.toSorted(byName), unread };
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

import { berkeleyHashItems } from './berkeley-hash.js';
import { ndbBlobs } from './ndb-blobs.js';
import { NotUnderstood, type PackageSource } from './package-source.js';
import { packagesOfHeaders } from './rpm-headers.js';
import { readSqliteTable } from './sqlite-table.js';

const MAX_SIZE = 96 * 1024 * 1024;

/** rpm since 4.16, as Fedora 33 and Red Hat 9 have it: an SQLite table with the header of each package. */
export const RPM_SQLITE: PackageSource = {
  ecosystem: 'rpm',
  pattern: /^(?:var\/lib|usr\/lib\/sysimage|usr\/share)\/rpm\/rpmdb\.sqlite$/,
  maxSize: MAX_SIZE,
  isHeadEnough: false,
  read: (content) => packagesOfHeaders(sqliteHeaders(content)),
};

/** SUSE: blobs of the headers, under an index of their own. */
export const RPM_NDB: PackageSource = {
  ecosystem: 'rpm',
  pattern: /^(?:var\/lib|usr\/lib\/sysimage|usr\/share)\/rpm\/Packages\.db$/,
  maxSize: MAX_SIZE,
  isHeadEnough: false,
  read: (content) => packagesOfHeaders(ndbBlobs(content)),
};

/** rpm before 4.16, as Red Hat 5 to 8 have it: a hash table of Berkeley DB, headers under the numbers of packages. */
export const RPM_BERKELEY: PackageSource = {
  ecosystem: 'rpm',
  pattern: /^(?:var\/lib|usr\/lib\/sysimage|usr\/share)\/rpm\/Packages$/,
  maxSize: MAX_SIZE,
  isHeadEnough: false,
  read: (content) => packagesOfHeaders(berkeleyHeaders(content)),
};

function* sqliteHeaders(content: Buffer): Generator<Buffer, void, undefined> {
  const rows = readSqliteTable(content, 'Packages');
  if (rows === null) throw new NotUnderstood('it is no SQLite database with a table of packages');
  for (const [, header] of rows) {
    if (!Buffer.isBuffer(header)) throw new NotUnderstood('a row of its table of packages has no header');
    yield header;
  }
}

function* berkeleyHeaders(content: Buffer): Generator<Buffer, void, undefined> {
  for (const { key, value } of berkeleyHashItems(content)) {
    if (key.length !== 4) throw new NotUnderstood('a key of it is not the number of a package');
    // What lies under 0 counts the packages.
    if (!key.equals(COUNTER)) yield value;
  }
}

const COUNTER = Buffer.alloc(4);

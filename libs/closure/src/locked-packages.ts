import { formatPurl, readEnvironmentFile } from '@envarium/formats';
import { comparablePurl } from './package-url.js';
import { crateKey } from './recorded-indexes.js';

/** A lock file of the deposit. */
export interface LockFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** A package whose hash a lock file says. */
export interface LockedPackage {
  /** As `comparablePurl`. */
  readonly purl: string;
  /** `algorithm:hex`; a file with any of them is the right one. */
  readonly hashes: readonly string[];
  /** Where the file lies; null where only an index tells. */
  readonly url: string | null;
  readonly file: string;
  readonly line: number | null;
}

/** What the lock files say about packages with hashes. Files and packages that say none are passed over. */
export function lockedPackages(files: readonly LockFile[]): LockedPackage[] {
  return files.flatMap((file) => (/(?:^|\/)Cargo\.lock$/.test(file.path) ? readCargoLock(file) : readLock(file)));
}

function readLock({ path, bytes }: LockFile): LockedPackage[] {
  const reading = readEnvironmentFile(bytes, path);
  if (reading.outcome !== 'understood') return [];
  return reading.spec.packages.flatMap(({ ecosystem, purl, hashes, source, line }) => {
    if (purl === null || hashes.length === 0) return [];
    const url = ecosystem === 'npm' ? npmTarball(source) : null;
    return [{ purl: comparablePurl(purl), hashes, url, file: path, line }];
  });
}

/** Where the lock leaves the address out, only a recorded index tells it. */
function npmTarball(source: string | null): string | null {
  return source !== null && /^https?:\/\/.*\.tgz$/.test(source) ? source : null;
}

/** https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html: cargo writes one key a line. */
function readCargoLock({ path, bytes }: LockFile): LockedPackage[] {
  const text = new TextDecoder().decode(bytes);
  let line = 1;
  return text.split(/^(?=\[\[package\]\])/m).flatMap((block) => {
    const start = line;
    line += block.split('\n').length - 1;
    const value = (key: string): string => new RegExp(`^${key} = "([^"]*)"`, 'm').exec(block)?.[1] ?? '';
    const [name, version, checksum] = ['name', 'version', 'checksum'].map(value);
    const purl = formatPurl({ type: 'cargo', name: name ?? '', version: version ?? '' });
    if (!block.startsWith('[[package]]') || purl === null || !/^[0-9a-f]{64}$/.test(checksum ?? '')) return [];
    const isPublic = value('source').startsWith('registry+');
    const url = isPublic ? crateKey(name ?? '', version ?? '') : null;
    return [{ purl: comparablePurl(purl), hashes: [`sha256:${checksum}`], url, file: path, line: start }];
  });
}

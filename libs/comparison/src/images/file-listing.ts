import type { FileEntry } from './file-record.js';
import type { RunConfig } from './run-config.js';

/** A package that an image says it has, and the file that says so. */
export interface ImagePackage {
  /** deb, apk, pypi, npm, conda or cran. */
  readonly ecosystem: string;
  readonly name: string;
  readonly version: string;
  /** Printable. */
  readonly path: string;
}

/** Packages may be described there, and nobody read it. */
export interface UnreadPackages {
  readonly path: string;
  readonly reason: 'rpm-database' | 'too-large' | 'not-understood' | 'hard-link';
}

/** All that a comparison needs to know of an image. */
export interface FileListing {
  readonly imageDigest: string;
  readonly configDigest: string;
  readonly diffIds: readonly string[];
  readonly runConfig: RunConfig;
  /** Sorted by ecosystem, name, version and path. */
  readonly packages: readonly ImagePackage[];
  readonly unreadPackages: readonly UnreadPackages[];
  /** Sorted by the bytes of their paths. */
  readonly entries: readonly FileEntry[];
  /** Bytes of all files; one that has two names counts twice. */
  readonly size: number;
}

export function sizeOfFiles(entries: readonly FileEntry[]): number {
  return entries.reduce((sum, { size }) => sum + size, 0);
}

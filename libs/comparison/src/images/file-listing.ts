import type { FileEntry } from './file-record.js';
import type { LibcVersion } from './programs/libc-version.js';
import type { RunConfig } from './run-config.js';

/** A package that an image says it has, and the file that says so. */
export interface ImagePackage {
  /** purl type. */
  readonly ecosystem: string;
  readonly name: string;
  /** Where that is not how its ecosystem compares names. */
  readonly writtenName?: string;
  readonly version: string;
  /** What tells it from others of the same name and version: arch, build, uuid. Sorted by key. */
  readonly qualifiers?: Readonly<Record<string, string>>;
  /** Printable. */
  readonly path: string;
}

/** Packages may be described there, and nobody read it. */
export interface UnreadPackages {
  readonly path: string;
  /** `rpm-database`: changes to one that are not in it yet; `other-database`: it says something else than the one that was read. */
  readonly reason: 'rpm-database' | 'other-database' | 'too-large' | 'not-understood' | 'hard-link';
  /** What exactly, in words, where it is known. */
  readonly because?: string;
}

/** An interpreter or compiler, by the file of its own that says which version it is. */
export interface ImageRuntime {
  readonly name: string;
  readonly version: string;
  /** Printable. */
  readonly path: string;
}

/** A program, and what it says of the machines that it runs on: libc, loader, interpreters. */
export interface ImageProgram {
  readonly role: 'libc' | 'loader' | 'interpreter';
  /** As images name it. */
  readonly architecture: string;
  readonly libc: LibcVersion | null;
  /** Oldest Linux, as in `3.2.0`; null: it names none. */
  readonly kernelMinimum: string | null;
  /** As in `x86-64-v2`; null: it asks for no more than the baseline, or does not say. */
  readonly isaLevel: string | null;
  /** Printable. */
  readonly path: string;
}

/** What os-release says. */
export interface ImageSystem {
  readonly id: string;
  readonly versionId: string | null;
  readonly name: string | null;
  /** Printable. */
  readonly path: string;
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
  /** Sorted by path, as are runtimes and programs. */
  readonly systems: readonly ImageSystem[];
  readonly runtimes: readonly ImageRuntime[];
  readonly programs: readonly ImageProgram[];
  /** Sorted by the bytes of their paths. */
  readonly entries: readonly FileEntry[];
  /** Bytes of all files; one that has two names counts twice. */
  readonly size: number;
}

export function sizeOfFiles(entries: readonly FileEntry[]): number {
  return entries.reduce((sum, { size }) => sum + size, 0);
}

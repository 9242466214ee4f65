import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { isForeignDirectory } from './find-package-files.js';
import { CAPTURE_NAME } from './capture-list.js';
import { runProgram, PROGRAM_LIMITS } from './run-program.js';

/** A file as it stood at one moment. */
export interface FileState {
  readonly size: bigint;
  readonly modified: bigint;
  readonly accessed: bigint;
  readonly inode: bigint;
}

export interface Snapshot {
  /** By path inside the directory, `/` separated. */
  readonly files: ReadonlyMap<string, FileState>;
  /** False: there were more than are looked at. */
  readonly isWhole: boolean;
}

const MAX_FILES = 100_000;

/** All regular files below a directory, but for what tools have installed and cached. */
export async function takeSnapshot(directory: string, maxFiles = MAX_FILES): Promise<Snapshot> {
  const files = new Map<string, FileState>();
  const waiting = [''];
  let isWhole = true;
  for (let inside = waiting.pop(); inside !== undefined; inside = waiting.pop()) {
    const entries = await readdir(path.join(directory, inside), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const name = inside === '' ? entry.name : `${inside}/${entry.name}`;
      if (entry.isDirectory() && !isForeignDirectory(entry.name)) waiting.push(name);
      if (!entry.isFile() || entry.name === CAPTURE_NAME) continue;
      if (files.size === maxFiles) {
        isWhole = false;
        break;
      }
      const found = await lstat(path.join(directory, name), { bigint: true }).catch(() => null);
      if (found === null) continue;
      const { size, mtimeNs: modified, atimeNs: accessed, ino: inode } = found;
      files.set(name, { size, modified, accessed, inode });
    }
  }
  return { files, isWhole };
}

export interface Changes {
  /** New, or not what they were. */
  readonly written: readonly string[];
  /** Unchanged, and read meanwhile. */
  readonly read: readonly string[];
  readonly removed: readonly string[];
}

export function changesBetween(before: Snapshot, after: Snapshot): Changes {
  const written: string[] = [];
  const read: string[] = [];
  for (const [name, now] of after.files) {
    const then = before.files.get(name);
    const isSame =
      then !== undefined && then.size === now.size && then.modified === now.modified && then.inode === now.inode;
    if (!isSame) written.push(name);
    else if (now.accessed > then.accessed) read.push(name);
  }
  const removed = [...before.files.keys()].filter((name) => !after.files.has(name));
  return { written: written.toSorted(), read: read.toSorted(), removed: removed.toSorted() };
}

const LONG_AGO = '2000-01-01 00:00:00';
const BATCH = 500;

/**
 * Linux writes down a reading only where the time of the last one is older than the file, or a day old (`relatime`). So
 * access times are set back; nothing else of the files changes. Where that is not allowed, readings may be missed.
 */
export async function setBackAccessTimes(directory: string, names: readonly string[]): Promise<void> {
  for (let start = 0; start < names.length; start += BATCH) {
    const files = names.slice(start, start + BATCH).map((name) => `./${name}`);
    await runProgram('touch', ['-a', '-c', '-d', LONG_AGO, ...files], PROGRAM_LIMITS, directory);
  }
}

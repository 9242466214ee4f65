import { mkdir, open, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from './file-errors.js';

/**
 * The directory of a store. A new name survives a power cut only after its directory was synced, and so for the
 * directory's own name, up to the root: https://man7.org/linux/man-pages/man2/fsync.2.html
 */
export class DurableTree {
  readonly root: string;
  /** Directories whose own names are known to be on disk. */
  readonly #known = new Set<string>();

  constructor(root: string) {
    this.root = root;
  }

  /** Absolute path of a key of layout.ts. */
  path(key: string): string {
    return path.join(this.root, key);
  }

  /** Names in a directory, sorted as a listing of S3 is; none when it is missing or no directory. */
  async names(key: string): Promise<string[]> {
    try {
      return (await readdir(this.path(key))).toSorted();
    } catch (error) {
      const code = systemCode(error);
      if (code === 'ENOENT' || code === 'ENOTDIR') return [];
      throw error;
    }
  }

  async ensureDirectory(key: string): Promise<void> {
    if (key === '.' || this.#known.has(key)) return;
    const parent = path.dirname(key);
    await this.ensureDirectory(parent);
    await mkdir(this.path(key)).catch((error: unknown) => {
      if (systemCode(error) !== 'EEXIST') throw error;
    });
    await this.syncDirectory(parent);
    this.#known.add(key);
  }

  async syncDirectory(key: string): Promise<void> {
    const handle = await open(this.path(key), 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  /** Gives a synced file its final name, in one step, over whatever had the name. */
  async move(fromKey: string, toKey: string): Promise<void> {
    const directory = path.dirname(toKey);
    await this.ensureDirectory(directory);
    await rename(this.path(fromKey), this.path(toKey));
    await this.syncDirectory(directory);
  }
}

import { randomUUID } from 'node:crypto';
import { chmod, constants, copyFile, open, readdir, rename, stat, unlink, type FileHandle } from 'node:fs/promises';
import { ArchiveError } from '@envarium/errors';
import { STAGING, stagingKey } from '../layout.js';
import type { DurableTree } from './durable-tree.js';
import { orNull, systemCode } from './file-errors.js';

const SUFFIX = '.writing';
/** Its writer may come and go between two looks. */
const ATTEMPTS = 3;
const STAGING_MODE = 0o600;

/**
 * The file of an upload, for one writer alone. While somebody writes, the file has a name of his own; who claims it by
 * renaming has it, and nobody else. A writer that died, or that slept until its lease was given to another, is left with
 * a name that is gone and an open file that nobody reads: the next one goes on in a copy.
 *
 *   <upload id>                    nobody writes
 *   <upload id>.<uuid>.writing     somebody does, or did until he died
 */
export class ClaimedFile {
  readonly handle: FileHandle;
  /** Key of the file while it is claimed. */
  readonly key: string;
  readonly #tree: DurableTree;
  readonly #id: string;

  private constructor(tree: DurableTree, id: string, key: string, handle: FileHandle) {
    this.#tree = tree;
    this.#id = id;
    this.key = key;
    this.handle = handle;
  }

  /** @throws ArchiveError BLOB_UPLOAD_UNKNOWN */
  static async claim(tree: DurableTree, id: string): Promise<ClaimedFile> {
    const key = `${stagingKey(id)}.${randomUUID()}${SUFFIX}`;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const isMine = await moved(tree, stagingKey(id), key);
      if (isMine || (await takeOver(tree, id, key))) {
        return new ClaimedFile(tree, id, key, await open(tree.path(key), 'r+'));
      }
    }
    throw new ArchiveError('BLOB_UPLOAD_UNKNOWN', { id });
  }

  /** Lets others claim the file. @throws ArchiveError BLOB_UPLOAD_BUSY when somebody has taken over: our bytes do not count */
  async giveBack(): Promise<void> {
    if (await moved(this.#tree, this.key, stagingKey(this.#id))) return;
    throw new ArchiveError('BLOB_UPLOAD_BUSY', { id: this.#id });
  }

  /** Removes the file, if it is still ours. */
  async remove(): Promise<void> {
    await orNull(unlink(this.#tree.path(this.key)));
  }
}

/** Length of an upload, claimed or not; null when there is none. */
export async function uploadLength(tree: DurableTree, id: string): Promise<number | null> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const stats = await orNull(stat(tree.path(stagingKey(id))));
    if (stats !== null) return stats.size;
    const [claimed] = await claimedKeys(tree, id);
    if (claimed !== undefined) return claimed.size;
  }
  return null;
}

/** Removes an upload under all its names. */
export async function removeUpload(tree: DurableTree, id: string): Promise<void> {
  if (await orNull(unlink(tree.path(stagingKey(id))).then(() => true))) return;
  for (const { key } of await claimedKeys(tree, id)) await orNull(unlink(tree.path(key)));
}

/** The upload that a name in the staging area belongs to. */
export function uploadOfName(name: string): string {
  return name.split('.')[0] ?? name;
}

/** False when there was nothing to take over, or its writer came back meanwhile. */
async function takeOver(tree: DurableTree, id: string, key: string): Promise<boolean> {
  const claimed = await claimedKeys(tree, id);
  const [longest] = claimed;
  if (longest === undefined) return false;
  // A new file: the old one may be open in a process that is going to write to it. Cheap where files can share blocks.
  const copy = `${STAGING}/${randomUUID()}.put`;
  const isCopied = await orNull(
    copyFile(tree.path(longest.key), tree.path(copy), constants.COPYFILE_FICLONE).then(() => true),
  );
  if (isCopied === null) return false;
  // A crash in the middle of `publish` leaves a file that nobody may write to.
  await chmod(tree.path(copy), STAGING_MODE);
  await rename(tree.path(copy), tree.path(key));
  const isTaken = await orNull(unlink(tree.path(longest.key)).then(() => true));
  if (isTaken === null) {
    await unlink(tree.path(key));
    return false;
  }
  for (const other of claimed.slice(1)) await orNull(unlink(tree.path(other.key)));
  return true;
}

/** The claims of an upload, the longest first: more than one only after a crash in `takeOver`. */
async function claimedKeys(tree: DurableTree, id: string): Promise<{ key: string; size: number }[]> {
  const names = await readdir(tree.path(STAGING));
  const found: { key: string; size: number }[] = [];
  for (const name of names) {
    if (!name.endsWith(SUFFIX) || uploadOfName(name) !== id) continue;
    const stats = await orNull(stat(tree.path(`${STAGING}/${name}`)));
    if (stats !== null) found.push({ key: `${STAGING}/${name}`, size: stats.size });
  }
  return found.toSorted((a, b) => b.size - a.size);
}

async function moved(tree: DurableTree, from: string, to: string): Promise<boolean> {
  try {
    await rename(tree.path(from), tree.path(to));
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}

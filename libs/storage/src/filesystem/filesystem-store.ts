import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ArchiveError } from '@envarium/errors';
import { BLOBS, JOURNAL, LAYOUT_CONTENT, LAYOUT_FILE, STAGING, pathBelowBlobs } from '../layout.js';
import { assertLayout } from '../layout-file.js';
import type { Store } from '../store.js';
import { DurableTree } from './durable-tree.js';
import { onFileSystem, orNull } from './file-errors.js';
import { FilesystemBlobs } from './filesystem-blobs.js';
import { FilesystemJournal } from './filesystem-journal.js';
import { FilesystemStaging } from './filesystem-staging.js';

/** A fresh ext4 has the first; the second is from an opening that crashed before it was through. */
const EMPTY_ENOUGH = /^(?:lost\+found|oci-layout\..*)$/;

/** @throws ArchiveError CONFIG_INVALID when the directory holds something else; STORE_UNAVAILABLE, STORE_FULL */
export async function openFilesystemStore(directory: string): Promise<Store> {
  const tree = new DurableTree(path.resolve(directory));
  await onFileSystem({ directory }, async () => {
    await mkdir(tree.root, { recursive: true });
    await claim(tree);
    for (const folder of [BLOBS, JOURNAL, STAGING]) await tree.ensureDirectory(folder);
  });
  const blobs = new FilesystemBlobs(tree);
  return {
    kind: 'filesystem',
    blobs,
    removal: blobs,
    staging: new FilesystemStaging(tree, blobs),
    journal: new FilesystemJournal(tree),
    files: { pathOf: pathBelowBlobs },
    probe: () => probe(tree),
  };
}

/** Makes an empty directory ours. Anybody's files next to our blobs would end up in somebody's clean-up. */
async function claim(tree: DurableTree): Promise<void> {
  const layout = await orNull(readFile(tree.path(LAYOUT_FILE), 'utf8'));
  if (layout !== null) return assertLayout(layout, tree.root);
  const foreign = (await readdir(tree.root)).filter((name) => !EMPTY_ENOUGH.test(name));
  if (foreign.length > 0) {
    throw new ArchiveError('CONFIG_INVALID', {
      directory: tree.root,
      missing: LAYOUT_FILE,
      found: foreign.slice(0, 5),
    });
  }
  const temporary = tree.path(`${LAYOUT_FILE}.${randomUUID()}`);
  await writeFile(temporary, LAYOUT_CONTENT, { flush: true });
  await rename(temporary, tree.path(LAYOUT_FILE));
  await tree.syncDirectory('.');
}

/** Writes, because a file system that went read-only or full still reads well. */
async function probe(tree: DurableTree): Promise<void> {
  await onFileSystem({ directory: tree.root }, async () => {
    const layout = await orNull(readFile(tree.path(LAYOUT_FILE), 'utf8'));
    // An unmounted disk leaves an empty mount point behind.
    if (layout === null) throw new ArchiveError('STORE_UNAVAILABLE', { directory: tree.root, missing: LAYOUT_FILE });
    const file = tree.path(`${STAGING}/${randomUUID()}.put`);
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(LAYOUT_CONTENT);
      await handle.sync();
    } finally {
      await handle.close();
      await unlink(file);
    }
  });
}

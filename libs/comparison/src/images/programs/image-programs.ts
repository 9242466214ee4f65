import { printable } from '../byte-string.js';
import type { ImageProgram } from '../file-listing.js';
import type { ByteString } from '../file-record.js';
import { followLinks } from '../follow-links.js';
import type { ListedRecord } from '../member-record.js';
import type { PlacedRecord, TreeNode } from '../merged-tree.js';

/** Before 2.34 the file was named after its version, and programs found it by a link. */
const VERSIONED = /^(?<directory>.*\/)libc-2\.[^/]+$/;

/** @param tree merged, @param files in it: what an upper layer replaced asks nothing */
export function programsOfImage(
  tree: TreeNode<ListedRecord>,
  files: readonly PlacedRecord<ListedRecord>[],
): ImageProgram[] {
  return files.flatMap(({ path, record }) => {
    const fact = 'fact' in record ? record.fact : null;
    if (fact?.kind !== 'program' || !isLoaded(tree, path)) return [];
    const { kind: _, ...program } = fact;
    return [{ ...program, path: printable(path) }];
  });
}

/** An old libc may lie beside the one that programs load. */
function isLoaded(tree: TreeNode<ListedRecord>, path: ByteString): boolean {
  const directory = VERSIONED.exec(path)?.groups?.['directory'];
  if (directory === undefined) return true;
  return ['libc.so.6', 'libc.so.6.1'].some((name) => followLinks(tree, directory + name) === path);
}

import { type ByteString, type FileRecord, IMPLIED_DIRECTORY, ROOT_PATH } from './file-record.js';

/**
 * The files of an image as a container sees them. Each layer is first read into a tree of its own and then laid over what is
 * below, as an overlay file system does; so it does not matter where in a layer a whiteout stands, and it can only hide what
 * lower layers brought. https://github.com/opencontainers/image-spec/blob/main/layer.md#applying-changesets
 */
export interface TreeNode<R extends FileRecord> {
  /** Null: a directory that only the paths below it imply. */
  record: R | null;
  /** Null: not a directory. */
  children: Map<ByteString, TreeNode<R>> | null;
  /** Names that this layer takes away from lower ones. */
  whiteouts: Set<ByteString> | null;
  /** This layer takes everything away that lower ones have here. */
  isOpaque: boolean;
}

/** Why a member cannot stand where it wants to. */
export type PlacementFault = 'path-below-file' | 'root-not-directory';

export function emptyDirectory<R extends FileRecord>(): TreeNode<R> {
  return { record: null, children: new Map(), whiteouts: null, isOpaque: false };
}

/** One layer, by itself. */
export class LayerTree<R extends FileRecord> {
  readonly root = emptyDirectory<R>();

  /** @param onNode told of every node made, with the length of its path */
  constructor(private readonly onNode: (pathLength: number) => void) {}

  /** Later members of a layer win over earlier ones of the same path; a directory keeps what is in it. */
  place(path: readonly ByteString[], record: R): PlacementFault | null {
    const isDirectory = record.type === 'directory';
    const name = path.at(-1);
    if (name === undefined) {
      if (!isDirectory) return 'root-not-directory';
      this.root.record = record;
      return null;
    }
    const parent = this.#directory(path.slice(0, -1));
    if (parent?.children == null) return 'path-below-file';
    const there = parent.children.get(name);
    if (there?.children != null && isDirectory) there.record = record;
    else {
      this.onNode(lengthOf(path));
      const children = isDirectory ? new Map<ByteString, TreeNode<R>>() : null;
      parent.children.set(name, { record, children, whiteouts: null, isOpaque: false });
    }
    return null;
  }

  /** @param name of what lower layers lose in `directory`; null: all they have there */
  hide(directory: readonly ByteString[], name: ByteString | null): PlacementFault | null {
    const node = this.#directory(directory);
    if (node?.children == null) return 'path-below-file';
    if (name === null) node.isOpaque = true;
    else (node.whiteouts ??= new Set()).add(name);
    this.onNode(name?.length ?? 0);
    return null;
  }

  /** Makes what is missing. Null where a file or a link is in the way: readers disagree on what is meant. */
  #directory(path: readonly ByteString[]): TreeNode<R> | null {
    let node: TreeNode<R> = this.root;
    let length = 0;
    for (const name of path) {
      if (node.children === null) return null;
      length += name.length + 1;
      let child = node.children.get(name);
      if (child === undefined) {
        child = emptyDirectory();
        node.children.set(name, child);
        this.onNode(length);
      }
      node = child;
    }
    return node;
  }
}

export function find<R extends FileRecord>(root: TreeNode<R>, path: readonly ByteString[]): R | null {
  let node: TreeNode<R> | undefined = root;
  for (const name of path) node = node?.children?.get(name);
  return node?.record ?? null;
}

/** Lays `upper` over `lower`. Both are used up. */
export function overlay<R extends FileRecord>(lower: TreeNode<R>, upper: TreeNode<R>): TreeNode<R> {
  if (upper.children === null) return upper;
  // A directory that only whiteouts imply does not replace the file that stands there.
  if (lower.children === null) return settle(upper) ?? lower;
  const children = upper.isOpaque ? new Map<ByteString, TreeNode<R>>() : lower.children;
  for (const name of upper.whiteouts ?? []) children.delete(name);
  for (const [name, child] of upper.children) {
    const below = children.get(name);
    const merged = below === undefined ? settle(child) : overlay(below, child);
    if (merged !== null) children.set(name, merged);
  }
  return { record: upper.record ?? lower.record, children, whiteouts: null, isOpaque: false };
}

/** A node with nothing below it. Null: it hides only, and there is nothing to hide. */
function settle<R extends FileRecord>(node: TreeNode<R>): TreeNode<R> | null {
  if (node.children === null) return node;
  const children = new Map<ByteString, TreeNode<R>>();
  for (const [name, child] of node.children) {
    const settled = settle(child);
    if (settled !== null) children.set(name, settled);
  }
  if (node.record === null && children.size === 0) return null;
  return { record: node.record, children, whiteouts: null, isOpaque: false };
}

export interface PlacedRecord<R extends FileRecord> {
  readonly path: ByteString;
  readonly record: R | FileRecord;
}

/** Every path with what stands there, sorted by the bytes of the paths. */
export function placedRecords<R extends FileRecord>(root: TreeNode<R>): PlacedRecord<R>[] {
  const found: PlacedRecord<R>[] = [];
  const collect = (node: TreeNode<R>, path: ByteString): void => {
    found.push({ path: path === '' ? ROOT_PATH : path, record: node.record ?? IMPLIED_DIRECTORY });
    for (const [name, child] of node.children ?? []) collect(child, path === '' ? name : `${path}/${name}`);
  };
  collect(root, '');
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function lengthOf(path: readonly ByteString[]): number {
  return path.reduce((length, name) => length + name.length + 1, 0);
}

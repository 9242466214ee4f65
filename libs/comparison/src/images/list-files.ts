import { ArchiveError, type ErrorDetail } from '@envarium/errors';
import { digestOf, parseImageConfig, readTar, type TarEntryType, type TarMember } from '@envarium/oci';
import { byteString, printable } from './byte-string.js';
import { type FileListing, sizeOfFiles } from './file-listing.js';
import type { FileEntry, FileRecord, FileType } from './file-record.js';
import type { ImageInput, LayerInput } from './image-input.js';
import { layerContent, type UnpackBudget } from './layer-content.js';
import { type LayerPath, parseLayerPath } from './layer-path.js';
import { FILE_LIST_LIMITS, type FileListLimits } from './list-limits.js';
import { type ListedRecord, recordOf } from './member-record.js';
import {
  emptyDirectory,
  find,
  LayerTree,
  overlay,
  placedRecords,
  type PlacementFault,
  type TreeNode,
} from './merged-tree.js';
import { isUnread } from './packages/package-source.js';
import { packagesOfImage } from './packages/read-packages.js';
import { programsOfImage } from './programs/image-programs.js';
import { runConfigOf } from './run-config.js';

export interface ListProgress {
  /** Counts from 1. */
  readonly layer: number;
  readonly layers: number;
  /** Bytes of the blobs, as they are stored. */
  readonly bytesRead: number;
  readonly bytesTotal: number;
}

export interface ListFilesOptions {
  readonly limits?: Partial<FileListLimits>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ListProgress) => void;
}

/** Of all layers together. */
interface Reading {
  readonly limits: FileListLimits;
  readonly budget: UnpackBudget;
  entries: number;
  packages: number;
  metadata: number;
}

const TYPES: Partial<Readonly<Record<TarEntryType, FileType>>> = {
  file: 'file',
  symlink: 'symlink',
  'character-device': 'character-device',
  'block-device': 'block-device',
  directory: 'directory',
  fifo: 'fifo',
};

/**
 * Reads an image once, from the base up, and says what a container would see: nothing is written, and no file is held.
 * Digests, sizes and diffIDs are checked on the way.
 * @throws ArchiveError LAYER_INVALID or IMAGE_TOO_LARGE with `layer`, `reason` and `limit`; DIGEST_INVALID, SIZE_INVALID;
 *   MANIFEST_INVALID for the config; and the reason of the signal
 */
export async function listFiles(image: ImageInput, options: ListFilesOptions = {}): Promise<FileListing> {
  const limits = { ...FILE_LIST_LIMITS, ...options.limits };
  const config = parseImageConfig(image.config);
  const diffIds = config.rootfs.diff_ids ?? [];
  const layers = pair(image.layers, diffIds, limits);
  const reading: Reading = { limits, budget: { left: limits.maxUnpackedSize }, entries: 0, packages: 0, metadata: 0 };
  const bytesTotal = image.layers.reduce((sum, { size }) => sum + size, 0);
  let bytesRead = 0;
  let tree: TreeNode<ListedRecord> = emptyDirectory();
  for (const [index, { layer, diffId }] of layers.entries()) {
    const onBytes = (count: number): void => {
      options.signal?.throwIfAborted();
      bytesRead += count;
      options.onProgress?.({ layer: index + 1, layers: layers.length, bytesRead, bytesTotal });
    };
    const content = layerContent(layer, { diffId, limits, budget: reading.budget, onBytes });
    tree = overlay(tree, await readLayer(layer, content, tree, reading));
  }

  const files = placedRecords(tree);
  const found = packagesOfImage(files.map(withFinding));
  const facts = factsOfImage(files);
  const entries = files.map(({ path, record }): FileEntry => entryOf(path, record));
  return {
    imageDigest: image.manifestDigest,
    configDigest: digestOf(image.config),
    diffIds,
    runConfig: runConfigOf(config),
    packages: found.packages,
    unreadPackages: found.unread,
    systems: facts.systems,
    runtimes: facts.runtimes,
    programs: programsOfImage(tree, files),
    entries,
    size: sizeOfFiles(entries),
  };
}

function pair(
  layers: readonly LayerInput[],
  diffIds: readonly string[],
  limits: FileListLimits,
): { readonly layer: LayerInput; readonly diffId: string }[] {
  if (layers.length > limits.maxLayers) {
    throw new ArchiveError('IMAGE_TOO_LARGE', { reason: 'layers', limit: limits.maxLayers });
  }
  if (layers.length !== diffIds.length) {
    throw new ArchiveError('LAYER_INVALID', {
      reason: 'layer-count',
      expected: diffIds.length,
      actual: layers.length,
    });
  }
  return layers.map((layer, index) => ({ layer, diffId: diffIds[index] ?? '' }));
}

async function readLayer(
  layer: LayerInput,
  content: AsyncIterable<Uint8Array>,
  below: TreeNode<ListedRecord>,
  reading: Reading,
): Promise<TreeNode<ListedRecord>> {
  const { limits } = reading;
  const spend = (bytes: number): void => {
    reading.metadata += bytes;
    if (reading.metadata > limits.maxMetadataSize) throw tooLarge(layer, 'metadata-size', limits.maxMetadataSize);
  };
  const tree = new LayerTree<ListedRecord>((pathLength) => {
    reading.entries += 1;
    if (reading.entries > limits.maxEntries) throw tooLarge(layer, 'entries', limits.maxEntries);
    spend(pathLength);
  });
  const spendPackages = ({ finding }: ListedRecord): void => {
    if (finding === null || isUnread(finding.found)) return;
    reading.packages += finding.found.length;
    if (reading.packages > limits.maxPackages) throw tooLarge(layer, 'packages', limits.maxPackages);
  };
  try {
    const { maxEntries, maxPathLength, maxUnpackedSize } = limits;
    const members = readTar(content, {
      maxEntries,
      maxPathLength,
      maxTotalSize: maxUnpackedSize,
      endMarker: 'optional',
    });
    for await (const member of members) {
      const path = parseLayerPath(byteString(member.rawPath), limits.maxDepth);
      if (typeof path === 'string') throw invalid(layer, path, member);
      const record = await recordToPlace(member, path, { tree, below });
      const fault = typeof record === 'string' ? record : place(tree, path, record);
      if (fault !== null) throw invalid(layer, fault, member);
      if (record !== null && typeof record !== 'string') spendPackages(record);
      spend(member.rawLinkname.length + xattrSize(layer, member, limits));
    }
  } catch (error) {
    throw inWordsOfLayers(layer, error);
  }
  return tree.root;
}

/** @returns null: the member says nothing about itself; a text: what is wrong with it */
async function recordToPlace(
  member: TarMember,
  { components, kind }: LayerPath,
  { tree, below }: { readonly tree: LayerTree<ListedRecord>; readonly below: TreeNode<ListedRecord> },
): Promise<ListedRecord | string | null> {
  if (kind !== 'member') return null;
  if (member.type === 'hardlink') {
    const target = parseLayerPath(byteString(member.rawLinkname), Number.POSITIVE_INFINITY);
    if (typeof target === 'string') return 'hardlink-target';
    const record = find(tree.root, target.components) ?? find(below, target.components);
    return record === null || record.type === 'directory' ? 'hardlink-target' : record;
  }
  const type = TYPES[member.type];
  if (type === undefined) return 'entry-type';
  if (type === 'symlink' && (member.rawLinkname.length === 0 || member.rawLinkname.includes(0))) return 'link-target';
  return recordOf(member, type, components.join('/'));
}

function place(
  tree: LayerTree<ListedRecord>,
  { components, kind }: LayerPath,
  record: ListedRecord | null,
): PlacementFault | null {
  if (kind === 'opaque') return tree.hide(components, null);
  if (kind === 'whiteout') return tree.hide(components.slice(0, -1), components.at(-1) ?? '');
  return record && tree.place(components, record);
}

function xattrSize(layer: LayerInput, { pax }: TarMember, limits: FileListLimits): number {
  let size = 0;
  for (const [key, value] of pax) {
    if (!key.startsWith('SCHILY.xattr.')) continue;
    if (value.length > limits.maxXattrSize) throw tooLarge(layer, 'xattr-size', limits.maxXattrSize);
    size += key.length + value.length;
  }
  return size;
}

function withFinding(file: { readonly path: string; readonly record: FileRecord | ListedRecord }): {
  readonly path: string;
  readonly record: FileRecord;
  readonly finding: ListedRecord['finding'];
} {
  const { path, record } = file;
  return { path, record, finding: 'finding' in record ? record.finding : null };
}

/** Of the merged tree: what an upper layer replaced says nothing. */
function factsOfImage(
  files: readonly { readonly path: string; readonly record: FileRecord | ListedRecord }[],
): Pick<FileListing, 'systems' | 'runtimes'> {
  const systems: FileListing['systems'][number][] = [];
  const runtimes: FileListing['runtimes'][number][] = [];
  for (const { path, record } of files) {
    const fact = 'fact' in record ? record.fact : null;
    if (fact?.kind === 'system') {
      systems.push({ id: fact.id, versionId: fact.versionId, name: fact.name, path: printable(path) });
    } else if (fact?.kind === 'runtime') {
      runtimes.push({ name: fact.name, version: fact.version, path: printable(path) });
    }
  }
  return { systems, runtimes };
}

function entryOf(path: string, record: FileRecord): FileEntry {
  const { type, mode, uid, gid, size, sha256, target, device, xattrs, mtime } = record;
  return { path, type, mode, uid, gid, size, sha256, target, device, xattrs, mtime };
}

/** The tar reader does not know that its tar is a layer. */
function inWordsOfLayers(layer: LayerInput, error: unknown): unknown {
  if (!(error instanceof ArchiveError) || error.code !== 'ARCHIVE_INVALID') return error;
  const { limit, value } = error.detail;
  const isTooLarge = limit === 'maxEntries' || limit === 'maxTotalSize';
  const ofLimit = typeof limit === 'string' && { reason: `tar-${limit}`, limit: value };
  return new ArchiveError(
    isTooLarge ? 'IMAGE_TOO_LARGE' : 'LAYER_INVALID',
    {
      ...error.detail,
      layer: layer.digest,
      ...ofLimit,
    },
    { cause: error },
  );
}

function tooLarge(layer: LayerInput, reason: string, limit: number): ArchiveError {
  return new ArchiveError('IMAGE_TOO_LARGE', { layer: layer.digest, reason, limit });
}

function invalid(layer: LayerInput, reason: string, member: TarMember, detail: ErrorDetail = {}): ArchiveError {
  return new ArchiveError('LAYER_INVALID', { layer: layer.digest, reason, path: member.path.slice(0, 200), ...detail });
}

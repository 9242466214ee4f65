/** What one image may cost: nobody vouches for the layers of a stranger. */
export interface FileListLimits {
  readonly maxLayers: number;
  /** Members of all layers, and the directories that they imply. */
  readonly maxEntries: number;
  /** Bytes of one path or link target. */
  readonly maxPathLength: number;
  /** Components of one path. */
  readonly maxDepth: number;
  /** Bytes of one extended attribute. */
  readonly maxXattrSize: number;
  /** Bytes of all paths, link targets and extended attributes together: what is held in memory. */
  readonly maxMetadataSize: number;
  /** Bytes of all layers, unpacked. */
  readonly maxUnpackedSize: number;
  /** Unpacked to packed bytes of one layer, above `ratioFreeSize` unpacked bytes: a few zeros compress as well as a bomb. */
  readonly maxRatio: number;
  readonly ratioFreeSize: number;
  /** Found in all layers, those that a higher one replaces too. */
  readonly maxPackages: number;
}

/** Paths are at most PATH_MAX of Linux, attributes XATTR_SIZE_MAX. */
export const FILE_LIST_LIMITS: FileListLimits = {
  maxLayers: 512,
  maxEntries: 1_000_000,
  maxPathLength: 4096,
  maxDepth: 512,
  maxXattrSize: 64 * 1024,
  maxMetadataSize: 256 * 1024 * 1024,
  maxUnpackedSize: 128 * 2 ** 30,
  maxRatio: 200,
  ratioFreeSize: 256 * 1024 * 1024,
  maxPackages: 500_000,
};

import { posix } from 'node:path';
import { ArchiveError } from '@envarium/errors';
import { randomAccessReader } from './byte-reader.js';
import type { RandomAccessSource } from './random-access.js';
import type { TarEntry } from './tar-entry.js';
import { isUnsafePath, normalizeTarPath } from './tar-path.js';
import { TAR_LIMITS, walkTar, type TarLimits } from './tar-walk.js';

/** Where a file's bytes are. */
export interface TarLocation {
  readonly offset: number;
  readonly size: number;
}

export interface TarIndex {
  /** Normalized paths of all members, in the order of the archive; a repeated path once. */
  readonly paths: readonly string[];
  /**
   * Finds a file, through links inside the archive. Null when there is none of this name.
   * @throws ArchiveError ARCHIVE_INVALID when the name stands in the archive twice: which one counts depends on the reader
   */
  find(path: string): TarLocation | null;
}

type IndexedMember = Pick<TarEntry, 'type' | 'offset' | 'size' | 'linkname'>;

/** The index is held in memory. An archive of an image has a few members for each layer. */
const MAX_ENTRIES = 100_000;

/** Archives of older writers store an equal layer as a link to the first one. */
const MAX_LINKS = 8;

/**
 * Reads the headers only, never the bodies.
 * @throws ArchiveError ARCHIVE_INVALID as `readTar` does, and for any path that points out of the archive
 */
export async function indexTar(source: RandomAccessSource, limits: Partial<TarLimits> = {}): Promise<TarIndex> {
  const members = new Map<string, IndexedMember[]>();
  const reader = randomAccessReader(source);
  for await (const entry of walkTar(reader, { ...TAR_LIMITS, maxEntries: MAX_ENTRIES, ...limits })) {
    const { type, offset, size, linkname } = entry;
    if (entry.isUnsafePath) {
      throw new ArchiveError('ARCHIVE_INVALID', { reason: 'unsafe-path', path: entry.path, offset });
    }
    const path = normalizeTarPath(entry.path);
    const member = { type, offset, size, linkname };
    const same = members.get(path);
    if (same) same.push(member);
    else members.set(path, [member]);
  }
  return { paths: [...members.keys()], find: (path) => findFile(members, normalizeTarPath(path)) };
}

function findFile(members: ReadonlyMap<string, readonly IndexedMember[]>, path: string): TarLocation | null {
  let current = path;
  for (let links = 0; links <= MAX_LINKS; links += 1) {
    const [entry, ...others] = members.get(current) ?? [];
    if (entry === undefined) return null;
    if (others.length > 0) throw new ArchiveError('ARCHIVE_INVALID', { reason: 'duplicate-path', path: current });
    if (entry.type === 'file') return { offset: entry.offset, size: entry.size };
    if (entry.type !== 'symlink' && entry.type !== 'hardlink') {
      throw new ArchiveError('ARCHIVE_INVALID', { reason: 'not-a-file', path: current, type: entry.type });
    }
    const base = entry.type === 'symlink' ? posix.dirname(current) : '.';
    const target = posix.join(base, entry.linkname);
    if (posix.isAbsolute(entry.linkname) || isUnsafePath(target)) {
      throw new ArchiveError('ARCHIVE_INVALID', { reason: 'unsafe-link', path: current, target: entry.linkname });
    }
    current = normalizeTarPath(target);
  }
  throw new ArchiveError('ARCHIVE_INVALID', { reason: 'too-many-links', path });
}

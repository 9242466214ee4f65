import { ArchiveError } from '@envarium/errors';
import type { z } from 'zod';
import { readAll, sliceSource, type RandomAccessSource } from '../random-access.js';
import { parseStrictJson } from '../strict-json.js';
import type { TarIndex } from '../tar-index.js';

/** Files by their path inside an archive or directory, `/` separated, without a leading slash. */
export interface FileTree {
  /** Null when there is no such file. */
  open(path: string): Promise<RandomAccessSource | null>;
}

/** Of `index.json`, `manifest.json` and the like. */
const JSON_MAX_SIZE = 4 * 1024 * 1024;

export function tarFileTree(source: RandomAccessSource, index: TarIndex): FileTree {
  return {
    open: async (path) => {
      const location = index.find(path);
      return location && sliceSource(source, location.offset, location.size);
    },
  };
}

/**
 * @returns null when there is no such file
 * @throws ArchiveError ARCHIVE_INVALID when it is too large, not JSON, or not of this shape
 */
export async function readJsonFile<T>(files: FileTree, path: string, schema: z.ZodType<T>): Promise<T | null> {
  const source = await files.open(path);
  if (source === null) return null;
  if (source.size > JSON_MAX_SIZE) {
    throw new ArchiveError('ARCHIVE_INVALID', { reason: 'limit', limit: 'jsonFileSize', value: JSON_MAX_SIZE, path });
  }
  const json = parseStrictJson(await readAll(source));
  if ('fault' in json) throw new ArchiveError('ARCHIVE_INVALID', { reason: json.fault, path });
  const result = schema.safeParse(json.value);
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, 20).map((issue) => ({ path: issue.path.join('.'), code: issue.code }));
  throw new ArchiveError('ARCHIVE_INVALID', { reason: 'shape', path, issues });
}

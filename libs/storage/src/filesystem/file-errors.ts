import { ArchiveError, type ErrorDetail } from '@envarium/errors';

const FULL = new Set(['ENOSPC', 'EDQUOT']);
const UNAVAILABLE = new Set(['EACCES', 'EIO', 'EMFILE', 'ENFILE', 'ENOTDIR', 'EPERM', 'EROFS', 'ESTALE', 'ETIMEDOUT']);

/** The error code of the operating system (errno), if `error` has one. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** What a failed call to the file system means to the callers of the store; everything unforeseen stays as it is. */
export function translateFileError(error: unknown, detail: ErrorDetail): unknown {
  const code = systemCode(error) ?? '';
  if (FULL.has(code)) return new ArchiveError('STORE_FULL', detail, { cause: error });
  if (UNAVAILABLE.has(code)) return new ArchiveError('STORE_UNAVAILABLE', { ...detail, code }, { cause: error });
  return error;
}

/**
 * Runs calls to the file system and translates their errors. Never read from a caller's source in here: its ENOSPC is
 * not ours.
 * @throws ArchiveError STORE_FULL, STORE_UNAVAILABLE
 */
export async function onFileSystem<T>(detail: ErrorDetail, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translateFileError(error, detail);
  }
}

/** Runs a call that may find nothing: null instead of ENOENT. */
export async function orNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

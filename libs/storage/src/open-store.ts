import { ArchiveError } from '@envarium/errors';
import { openFilesystemStore } from './filesystem/filesystem-store.js';
import { openS3Store } from './s3/s3-store.js';
import type { SecondStore, StorageConfig, Store } from './store.js';

/**
 * Opens the store, and makes it when its directory or bucket is missing or empty.
 * @throws ArchiveError CONFIG_INVALID when the place holds something that is not a store; STORE_UNAVAILABLE
 */
export async function openStore(config: StorageConfig): Promise<Store> {
  switch (config.kind) {
    case 'filesystem':
      return await openFilesystemStore(config.directory);
    case 's3':
      return await openS3Store(config);
  }
}

/**
 * The store of second copies, opened now if it can be reached, and else when it is asked for.
 * @throws ArchiveError CONFIG_INVALID when the place holds something that is not a store
 */
export async function openSecondStore(config: StorageConfig): Promise<SecondStore> {
  let opened: Promise<Store> | null = null;
  const open = async (): Promise<Store> => {
    opened ??= openStore(config);
    try {
      return await opened;
    } catch (error) {
      opened = null;
      throw error;
    }
  };
  await open().catch((error: unknown) => {
    const isUnreachable = error instanceof ArchiveError && error.code !== 'CONFIG_INVALID';
    if (!isUnreachable) throw error;
  });
  return { open };
}

import { openFilesystemStore } from './filesystem/filesystem-store.js';
import { openS3Store } from './s3/s3-store.js';
import type { StorageConfig, Store } from './store.js';

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

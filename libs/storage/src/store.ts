import type { BlobRemoval, BlobStore } from './blob-store.js';
import type { Journal } from './journal.js';
import type { StagingArea } from './staging-area.js';

export type StorageConfig =
  | { readonly kind: 'filesystem'; readonly directory: string }
  | {
      readonly kind: 's3';
      /** URL of the service, with port; path-style addressing. */
      readonly endpoint: string;
      readonly bucket: string;
      readonly region: string;
      readonly accessKey: string;
      readonly secretKey: string;
    };

/** The object store: layout.ts draws what is in it. */
export interface Store {
  readonly kind: StorageConfig['kind'];
  readonly blobs: BlobStore;
  readonly removal: BlobRemoval;
  readonly staging: StagingArea;
  readonly journal: Journal;
  /** Resolves when the store can be read and written now. @throws ArchiveError STORE_UNAVAILABLE, STORE_FULL */
  probe(): Promise<void>;
}

/** Injection token of the one Store of a process. */
export const STORE = Symbol('Store');

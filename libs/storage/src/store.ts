import type { BlobFiles, BlobUrls } from './blob-locations.js';
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
      /** How clients reach the service, where that differs from our way. */
      readonly publicEndpoint?: string;
    };

/** The object store: layout.ts draws what is in it. */
export interface Store {
  readonly kind: StorageConfig['kind'];
  readonly blobs: BlobStore;
  readonly removal: BlobRemoval;
  readonly staging: StagingArea;
  readonly journal: Journal;
  readonly urls?: BlobUrls;
  readonly files?: BlobFiles;
  /** Resolves when the store can be read and written now. @throws ArchiveError STORE_UNAVAILABLE, STORE_FULL */
  probe(): Promise<void>;
}

/** Injection token of the one Store of a process. */
export const STORE = Symbol('Store');

/**
 * The store of second copies. Opened when it is needed and not before: an archive must start, and serve, while its second
 * copy is out of reach.
 */
export interface SecondStore {
  /** @throws ArchiveError as `openStore`; the next call tries again */
  open(): Promise<Store>;
}

/** Injection token of the SecondStore; null where none is configured. */
export const SECOND_STORE = Symbol('SecondStore');

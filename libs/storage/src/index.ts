export type {
  BlobReader,
  BlobRemoval,
  BlobStore,
  ByteRange,
  ContentExpectation,
  PutExpectation,
  StoredBlob,
} from './blob-store.js';
export type { BlobFiles, BlobUrls } from './blob-locations.js';
export type { ByteSource } from './byte-source.js';
export type { Journal, JournalRecord } from './journal.js';
export { openSecondStore, openStore } from './open-store.js';
export type { Appended, CommitExpectation, StagingArea } from './staging-area.js';
export { SECOND_STORE, STORE, type SecondStore, type StorageConfig, type Store } from './store.js';
export type { Verification } from './verification.js';
export { StorageModule } from './storage.module.js';

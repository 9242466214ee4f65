export { ContentStoreService } from './content-store.service.js';
export {
  CLOSURE_MAX_BODIES,
  type NewClosure,
  type NewFileList,
  type NewRecipe,
  ProvenanceArchiveService,
} from './provenance-archive.service.js';
export type { ArchivedVersion } from './provenance-artifacts.js';
export type { ArchivedFileList } from './provenance.presenter.js';
export { ProvenanceBatchesService } from './provenance-batches.service.js';
export { ProvenanceModule } from './provenance.module.js';
export { ProvenanceReplayService } from './provenance-replay.service.js';
export { ProvenanceService } from './provenance.service.js';
export { type NewReceipt, ReceiptsArchiveService } from './receipts-archive.service.js';
export { SigningKeysService } from './signing-keys.service.js';

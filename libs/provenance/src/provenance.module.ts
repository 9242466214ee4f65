import { Module } from '@nestjs/common';
import { RecordsModule } from '@envarium/records';
import { RegistryModule } from '@envarium/registry';
import { ContentStoreService } from './content-store.service.js';
import { ProvenanceArchiveService } from './provenance-archive.service.js';
import { ProvenanceArtifacts } from './provenance-artifacts.js';
import { ProvenanceBatchesService } from './provenance-batches.service.js';
import { ProvenanceReplayService } from './provenance-replay.service.js';
import { ProvenanceService } from './provenance.service.js';
import { ReceiptsArchiveService } from './receipts-archive.service.js';
import { SigningKeysService } from './signing-keys.service.js';

@Module({
  imports: [RecordsModule, RegistryModule],
  providers: [
    ContentStoreService,
    ProvenanceArchiveService,
    ProvenanceArtifacts,
    ProvenanceBatchesService,
    ProvenanceReplayService,
    ProvenanceService,
    ReceiptsArchiveService,
    SigningKeysService,
  ],
  exports: [
    ContentStoreService,
    ProvenanceArchiveService,
    ProvenanceBatchesService,
    ProvenanceReplayService,
    ProvenanceService,
    ReceiptsArchiveService,
    SigningKeysService,
  ],
})
export class ProvenanceModule {}

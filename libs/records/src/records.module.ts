import { Module } from '@nestjs/common';
import { RegistryModule } from '@envarium/registry';
import { EnvironmentsModule } from '@envarium/environments';
import { CoverageService } from './coverage.service.js';
import { DepositArchive } from './deposit-archive.service.js';
import { DepositService } from './deposit.service.js';
import { DepositFilesService } from './deposit-files.service.js';
import { DraftsService } from './drafts.service.js';
import { EnvironmentFactsService } from './environment-facts.service.js';
import { ExportsService } from './exports.service.js';
import { ManifestNotesService } from './manifest-notes.service.js';
import { PublishService } from './publish.service.js';
import { RecordBatchesService } from './record-batches.service.js';
import { RecordArtifactService } from './record-artifact.service.js';
import { RecordsReplayService } from './records-replay.service.js';
import { RecordsService } from './records.service.js';

@Module({
  imports: [EnvironmentsModule, RegistryModule],
  providers: [
    CoverageService,
    DepositArchive,
    DepositFilesService,
    DepositService,
    DraftsService,
    EnvironmentFactsService,
    ExportsService,
    ManifestNotesService,
    PublishService,
    RecordArtifactService,
    RecordBatchesService,
    RecordsReplayService,
    RecordsService,
  ],
  exports: [
    CoverageService,
    DepositService,
    EnvironmentFactsService,
    ExportsService,
    PublishService,
    RecordBatchesService,
    RecordsReplayService,
    RecordsService,
  ],
})
export class RecordsModule {}

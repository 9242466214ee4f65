import { ArticlesModule } from '@envarium/articles';
import { EnvironmentsModule } from '@envarium/environments';
import { RecordsModule } from '@envarium/records';
import { RegistryModule } from '@envarium/registry';
import { Module } from '@nestjs/common';
import { CoverageController } from './coverage.controller.js';
import { DepositsController } from './deposits.controller.js';
import { ExportsController } from './exports.controller.js';
import { RecordsController } from './records.controller.js';
import { VersionContentController } from './version-content.controller.js';
import { VersionsController } from './versions.controller.js';

@Module({
  imports: [ArticlesModule, EnvironmentsModule, RecordsModule, RegistryModule],
  controllers: [
    CoverageController,
    DepositsController,
    ExportsController,
    RecordsController,
    VersionContentController,
    VersionsController,
  ],
})
export class RecordsApiModule {}

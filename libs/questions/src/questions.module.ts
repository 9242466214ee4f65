import { Module } from '@nestjs/common';
import { EnvironmentsModule } from '@envarium/environments';
import { RecordsModule } from '@envarium/records';
import { RegistryModule } from '@envarium/registry';
import { ContentUsesService } from './content-uses.service.js';
import { DiffService } from './diff.service.js';
import { MachineUsesService } from './machine-uses.service.js';
import { PackageUsesService } from './package-uses.service.js';

@Module({
  imports: [EnvironmentsModule, RecordsModule, RegistryModule],
  providers: [ContentUsesService, DiffService, MachineUsesService, PackageUsesService],
  exports: [ContentUsesService, DiffService, MachineUsesService, PackageUsesService],
})
export class QuestionsModule {}

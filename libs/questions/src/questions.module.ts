import { Module } from '@nestjs/common';
import { ContentUsesService } from './content-uses.service.js';
import { MachineUsesService } from './machine-uses.service.js';
import { PackageUsesService } from './package-uses.service.js';

@Module({
  providers: [ContentUsesService, MachineUsesService, PackageUsesService],
  exports: [ContentUsesService, MachineUsesService, PackageUsesService],
})
export class QuestionsModule {}

import { Module } from '@nestjs/common';
import { EnvironmentsService } from './environments.service.js';
import { ImageEnvironmentsService } from './image-environments.service.js';

@Module({
  providers: [EnvironmentsService, ImageEnvironmentsService],
  exports: [EnvironmentsService, ImageEnvironmentsService],
})
export class EnvironmentsModule {}

import { Module } from '@nestjs/common';
import { EnvironmentsService } from './environments.service.js';
import { ImageEnvironmentsService } from './image-environments.service.js';
import { UnderstandingService } from './understanding.service.js';

@Module({
  providers: [
    EnvironmentsService,
    ImageEnvironmentsService,
    { provide: UnderstandingService, useFactory: () => new UnderstandingService() },
  ],
  exports: [EnvironmentsService, ImageEnvironmentsService, UnderstandingService],
})
export class EnvironmentsModule {}

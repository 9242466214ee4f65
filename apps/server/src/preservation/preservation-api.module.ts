import { RegistryModule } from '@envarium/registry';
import { Module } from '@nestjs/common';
import { PreservationController } from './preservation.controller.js';

@Module({ imports: [RegistryModule], controllers: [PreservationController] })
export class PreservationApiModule {}

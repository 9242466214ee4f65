import { RecordsModule } from '@envarium/records';
import { RegistryModule } from '@envarium/registry';
import { Module } from '@nestjs/common';
import { ImagesController } from './images.controller.js';

@Module({ imports: [RecordsModule, RegistryModule], controllers: [ImagesController] })
export class ImagesApiModule {}

import { type DynamicModule, Global, Module } from '@nestjs/common';
import { RecordsModule } from '@envarium/records';
import { RegistryModule } from '@envarium/registry';
import { ImageClosure } from './image-closure.js';
import { ImagePlatforms } from './image-platforms.js';
import { PullSource } from './pull-source.js';
import { REGISTRY_ADDRESS, type RegistryAddress } from './registry-address.js';
import { ResolutionService } from './resolution.service.js';

@Global()
@Module({})
export class ResolutionModule {
  static forRoot(address: RegistryAddress): DynamicModule {
    return {
      module: ResolutionModule,
      imports: [RecordsModule, RegistryModule],
      providers: [
        { provide: REGISTRY_ADDRESS, useValue: address },
        ImageClosure,
        ImagePlatforms,
        PullSource,
        ResolutionService,
      ],
      exports: [ImagePlatforms, REGISTRY_ADDRESS, ResolutionService],
    };
  }
}

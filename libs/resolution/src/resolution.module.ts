import { type DynamicModule, Global, Module } from '@nestjs/common';
import { EnvironmentsModule } from '@envarium/environments';
import { RecordsModule } from '@envarium/records';
import { RegistryModule } from '@envarium/registry';
import { ClosureGaps } from './closure-gaps.js';
import { FitService } from './fit.service.js';
import { ImageClosure } from './image-closure.js';
import { ImagePlatforms } from './image-platforms.js';
import { RecordedClosures } from './recorded-closures.js';
import { REGISTRY_ADDRESS, type RegistryAddress } from './registry-address.js';
import { ResolutionService } from './resolution.service.js';
import { MirrorSource } from './sources/mirror-source.js';
import { PullSource } from './sources/pull-source.js';
import { ReResolveSource } from './sources/re-resolve-source.js';
import { RebuildSource } from './sources/rebuild-source.js';
import { Sources } from './sources/sources.js';
import { UpstreamPointers } from './upstream-pointers.js';

@Global()
@Module({})
export class ResolutionModule {
  static forRoot(address: RegistryAddress): DynamicModule {
    return {
      module: ResolutionModule,
      imports: [EnvironmentsModule, RecordsModule, RegistryModule],
      providers: [
        { provide: REGISTRY_ADDRESS, useValue: address },
        ClosureGaps,
        FitService,
        ImageClosure,
        ImagePlatforms,
        MirrorSource,
        PullSource,
        ReResolveSource,
        RebuildSource,
        RecordedClosures,
        ResolutionService,
        Sources,
        UpstreamPointers,
      ],
      exports: [FitService, ImagePlatforms, REGISTRY_ADDRESS, ResolutionService],
    };
  }
}

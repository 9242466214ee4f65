import { AccessModule } from '@envarium/access';
import type { Config } from '@envarium/config';
import { DatabaseModule } from '@envarium/database';
import { DecayModule } from '@envarium/decay';
import { IngestModule } from '@envarium/ingest';
import { JobsModule } from '@envarium/jobs';
import { JournalModule } from '@envarium/journal';
import { RegistryModule } from '@envarium/registry';
import { type RegistryAddress, ResolutionModule } from '@envarium/resolution';
import { type SecondStore, StorageModule, type Store } from '@envarium/storage';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AccessApiModule } from './access/access-api.module.js';
import { ArticlesApiModule } from './articles/articles-api.module.js';
import { GraphqlApiModule } from './graphql/graphql-api.module.js';
import { PermissionGuard } from './http/permission.guard.js';
import { ImagesApiModule } from './images/images-api.module.js';
import { IngestsController } from './ingests/ingests.controller.js';
import { JobsApiModule } from './jobs/jobs-api.module.js';
import { OperationsModule } from './operations/operations.module.js';
import { PagesModule } from './pages/pages.module.js';
import { PreservationApiModule } from './preservation/preservation-api.module.js';
import { ProvenanceApiModule } from './provenance/provenance-api.module.js';
import { QuestionsApiModule } from './questions/questions-api.module.js';
import { RecordsApiModule } from './records/records-api.module.js';
import { VERSION } from './version.js';

export interface AppOptions {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly store: Store;
  readonly secondStore: SecondStore | null;
  readonly signingSecret: string;
  readonly address: RegistryAddress;
}

@Module({})
export class AppModule {
  static forRoot(options: AppOptions): DynamicModule {
    return {
      module: AppModule,
      imports: [
        DatabaseModule.forRoot({ url: options.databaseUrl, poolSize: options.config.databasePool }),
        StorageModule.forRoot(options.store, options.secondStore),
        JournalModule,
        AccessModule.forRoot({ signingSecret: options.signingSecret }),
        RegistryModule,
        IngestModule.forRoot({
          databaseUrl: options.databaseUrl,
          outboundAllow: options.config.outboundAllow,
          userAgent: `envarium/${VERSION}`,
        }),
        JobsModule.forRoot({ databaseUrl: options.databaseUrl }),
        // Pages and lists only; it is the resolver that asks.
        DecayModule.forRoot({ outboundAllow: options.config.outboundAllow, userAgent: `envarium/${VERSION}` }),
        ResolutionModule.forRoot(options.address),
        AccessApiModule,
        ArticlesApiModule,
        GraphqlApiModule,
        ImagesApiModule,
        JobsApiModule,
        OperationsModule,
        PagesModule,
        PreservationApiModule,
        ProvenanceApiModule,
        QuestionsApiModule,
        RecordsApiModule,
      ],
      controllers: [IngestsController],
      providers: [{ provide: APP_GUARD, useClass: PermissionGuard }],
    };
  }
}

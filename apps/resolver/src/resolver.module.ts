import { AccessModule } from '@envarium/access';
import { ArticlesModule } from '@envarium/articles';
import { DatabaseModule } from '@envarium/database';
import type { RebuildConfig } from '@envarium/config';
import { DecayModule } from '@envarium/decay';
import { IngestModule } from '@envarium/ingest';
import { JobsModule } from '@envarium/jobs';
import { JournalModule } from '@envarium/journal';
import { ProvenanceModule } from '@envarium/provenance';
import { RebuildModule } from '@envarium/rebuild';
import { RecordsModule } from '@envarium/records';
import { RegistryModule } from '@envarium/registry';
import { type RegistryAddress, ResolutionModule } from '@envarium/resolution';
import { type SecondStore, StorageModule, type Store } from '@envarium/storage';
import { type DynamicModule, Module } from '@nestjs/common';

/** Two ingests and two jobs with a heartbeat and a statement each, a task, and room for one more. Nothing here is in a hurry. */
const POOL_SIZE = 10;

export interface ResolverOptions {
  readonly databaseUrl: string;
  readonly store: Store;
  readonly secondStore: SecondStore | null;
  readonly signingSecret: string;
  readonly address: RegistryAddress;
  readonly outboundAllow: readonly string[];
  readonly rebuild: RebuildConfig;
  /** Where jobs have their disk space. */
  readonly workDirectory: string;
}

/** The features without HTTP. */
@Module({})
export class ResolverModule {
  static forRoot({
    databaseUrl,
    store,
    secondStore,
    signingSecret,
    address,
    outboundAllow,
    rebuild,
    workDirectory,
  }: ResolverOptions): DynamicModule {
    return {
      module: ResolverModule,
      imports: [
        DatabaseModule.forRoot({ url: databaseUrl, poolSize: POOL_SIZE }),
        StorageModule.forRoot(store, secondStore),
        JournalModule,
        AccessModule.forRoot({ signingSecret }),
        RegistryModule,
        IngestModule.forRoot({ databaseUrl, outboundAllow, userAgent: 'envarium' }),
        JobsModule.forRoot({ databaseUrl }),
        RecordsModule,
        ProvenanceModule,
        RebuildModule.forRoot({
          workDirectory,
          limits: rebuild.limits,
          kubernetes: rebuild.kubernetes,
          recipeBase: rebuild.recipeBase,
          sources: {
            ...(rebuild.rRepository !== null && { rRepository: rebuild.rRepository }),
            ...(rebuild.micromamba !== null && { micromamba: rebuild.micromamba }),
            ...(rebuild.julia !== null && { julia: rebuild.julia }),
          },
          outboundAllow,
          userAgent: 'envarium',
        }),
        DecayModule.forRoot({ outboundAllow, userAgent: `envarium-decay-watch (+${address.publicUrl()})` }),
        ResolutionModule.forRoot(address),
        ArticlesModule,
      ],
    };
  }
}

import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Outbound } from '@envarium/outbound';
import { JobsClient } from '@envarium/queue';
import { BlobSources, RegistryModule } from '@envarium/registry';
import { ImageCopyService } from './image-copy.service.js';
import { IngestQueueService } from './ingest-queue.service.js';
import { IngestRunner } from './ingest-runner.service.js';
import { IngestsService } from './ingests.service.js';
import { MirrorSource } from './mirror-source.service.js';
import { UpstreamOpener } from './upstream-opener.js';

export interface IngestOptions {
  /** Of the queue that the workers listen to. */
  readonly databaseUrl: string;
  /** Hosts beyond the public Internet. */
  readonly outboundAllow: readonly string[];
  readonly userAgent: string;
}

@Module({})
export class IngestModule implements OnApplicationShutdown {
  constructor(
    @Inject(JobsClient) private readonly jobs: JobsClient,
    @Inject(UpstreamOpener) private readonly opener: UpstreamOpener,
    @Inject(BlobSources) sources: BlobSources,
    @Inject(MirrorSource) mirrors: MirrorSource,
  ) {
    sources.add(mirrors);
  }

  static forRoot({ databaseUrl, outboundAllow, userAgent }: IngestOptions): DynamicModule {
    const outbound = new Outbound({ allow: outboundAllow, userAgent });
    return {
      module: IngestModule,
      global: true,
      imports: [RegistryModule],
      providers: [
        { provide: JobsClient, useFactory: () => new JobsClient(databaseUrl) },
        { provide: UpstreamOpener, useFactory: () => new UpstreamOpener(outbound) },
        ImageCopyService,
        IngestQueueService,
        IngestRunner,
        IngestsService,
        MirrorSource,
      ],
      exports: [ImageCopyService, IngestRunner, IngestsService, UpstreamOpener],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.jobs.close();
    await this.opener.close();
  }
}

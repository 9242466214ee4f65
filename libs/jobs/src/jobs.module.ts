import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { ChangeFeed } from '@envarium/database';
import { JobsClient } from '@envarium/queue';
import { RecordsModule } from '@envarium/records';
import { RegistryModule } from '@envarium/registry';
import { JobChanges } from './job-changes.js';
import { JobFollowService } from './job-follow.service.js';
import { JobHandlers } from './job-handlers.js';
import { JobLogService } from './job-log.service.js';
import { JobQueueService } from './job-queue.service.js';
import { JobRunner } from './job-runner.service.js';
import { JobsService } from './jobs.service.js';

export interface JobsOptions {
  /** Of the queue that the workers listen to. */
  readonly databaseUrl: string;
}

/** Global: whoever knows how to do a kind of job adds its handler to `JobHandlers`. */
@Module({})
export class JobsModule implements OnApplicationShutdown {
  constructor(@Inject(JobsClient) private readonly client: JobsClient) {}

  static forRoot({ databaseUrl }: JobsOptions): DynamicModule {
    return {
      module: JobsModule,
      global: true,
      imports: [RecordsModule, RegistryModule],
      providers: [
        { provide: JobsClient, useFactory: () => new JobsClient(databaseUrl) },
        { provide: JobChanges, useFactory: (feed: ChangeFeed) => new JobChanges(feed), inject: [ChangeFeed] },
        JobFollowService,
        JobHandlers,
        JobLogService,
        JobQueueService,
        JobRunner,
        JobsService,
      ],
      exports: [JobFollowService, JobHandlers, JobLogService, JobRunner, JobsService],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.client.close();
  }
}

import path from 'node:path';
import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { ArchiveError } from '@envarium/errors';
import { type JobEnd, type JobHandler, JobHandlers, problemOf } from '@envarium/jobs';
import { Outbound } from '@envarium/outbound';
import { ProvenanceModule } from '@envarium/provenance';
import { RecordsModule } from '@envarium/records';
import { RegistryModule } from '@envarium/registry';
import { openExecutors } from '@envarium/sandbox';
import { BaseImagesService } from './base-images.service.js';
import { BaseUpstream } from './base-upstream.service.js';
import { BuilderArchiveService } from './builder-archive.service.js';
import { BuildsService } from './builds.service.js';
import { DepositFilesService } from './deposit-files.service.js';
import { ExecutorsService } from './executors.service.js';
import { FileListsService } from './file-lists.service.js';
import { ImageLayoutsService } from './image-layouts.service.js';
import { ImageReadingService } from './image-reading.service.js';
import { ObtainService } from './obtain.service.js';
import { REBUILD_OPTIONS, type RebuildOptions } from './rebuild-options.js';
import { RebuildsService } from './rebuilds.service.js';
import { RecipesService } from './recipes.service.js';
import { RecorderService } from './recorder.service.js';
import { ClosureRecordingService } from './closure-recording.service.js';
import { RehearsalRequestsService } from './rehearsal-requests.service.js';
import { RehearsalService } from './rehearsal.service.js';
import { ReplayerService } from './replayer.service.js';
import { RerunReceiptsService } from './rerun-receipts.service.js';
import { RerunService } from './rerun.service.js';
import { RunsService } from './runs.service.js';
import { RunFilesService } from './run-files.service.js';
import { VerdictsService } from './verdicts.service.js';
import { WorkDirectory } from './work-directory.js';

/** Only where jobs are worked on: the server asks for them and never builds. */
@Module({})
export class RebuildModule implements OnApplicationShutdown {
  constructor(
    @Inject(JobHandlers) handlers: JobHandlers,
    @Inject(Outbound) private readonly outbound: Outbound,
    @Inject(RehearsalService) rehearsals: RehearsalService,
    @Inject(RebuildsService) rebuilds: RebuildsService,
    @Inject(RerunService) reruns: RerunService,
    @Inject(WorkDirectory) work: WorkDirectory,
  ) {
    const within =
      (handle: (...args: [...Parameters<JobHandler>, string]) => ReturnType<JobHandler>): JobHandler =>
      async (job, context) =>
        await timely(async () => await work.within(job.id, async (directory) => await handle(job, context, directory)));
    handlers.add(
      'rehearse',
      within(async (...args) => await rehearsals.rehearse(...args)),
    );
    handlers.add(
      'rebuild',
      within(async (...args) => await rebuilds.rebuild(...args)),
    );
    handlers.add(
      'rerun',
      within(async (...args) => await reruns.rerun(...args)),
    );
  }

  static forRoot(options: RebuildOptions): DynamicModule {
    const { workDirectory, outboundAllow, userAgent, kubernetes } = options;
    const scratch = path.join(workDirectory, 'probes');
    return {
      module: RebuildModule,
      imports: [ProvenanceModule, RecordsModule, RegistryModule],
      providers: [
        { provide: REBUILD_OPTIONS, useValue: options },
        { provide: Outbound, useFactory: () => new Outbound({ allow: outboundAllow, userAgent }) },
        {
          provide: ExecutorsService,
          useFactory: () => new ExecutorsService(() => openExecutors({ scratch, kubernetes })),
        },
        { provide: WorkDirectory, useFactory: () => new WorkDirectory(path.join(workDirectory, 'jobs')) },
        BaseImagesService,
        BaseUpstream,
        BuilderArchiveService,
        BuildsService,
        ClosureRecordingService,
        DepositFilesService,
        FileListsService,
        ImageLayoutsService,
        ImageReadingService,
        ObtainService,
        RebuildsService,
        RecipesService,
        RecorderService,
        RehearsalRequestsService,
        RehearsalService,
        ReplayerService,
        RerunReceiptsService,
        RerunService,
        RunFilesService,
        RunsService,
        VerdictsService,
      ],
      exports: [ImageReadingService, RehearsalRequestsService],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.outbound.close();
  }
}

/** A build that took too long is no failure of the recipe: with more time it might have ended. */
async function timely(work: () => Promise<JobEnd>): Promise<JobEnd> {
  try {
    return await work();
  } catch (error) {
    const isLate = error instanceof ArchiveError && error.code === 'BUILD_FAILED' && error.detail['reason'] === 'wall';
    if (!isLate) throw error;
    return { outcome: 'timed-out', result: null, problem: problemOf(error) };
  }
}

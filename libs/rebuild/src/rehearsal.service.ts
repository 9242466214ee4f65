import { Injectable } from '@nestjs/common';
import { PointersService } from '@envarium/decay';
import type { JobContext, JobEnd, RunningJob } from '@envarium/jobs';
import { RecordsService } from '@envarium/records';
import { nativePlatform } from '@envarium/sandbox';
import { ClosureRecordingService } from './closure-recording.service.js';
import { RecipesService } from './recipes.service.js';
import { RebuildsService } from './rebuilds.service.js';

const REBUILDS = 2;

/**
 * Records what a build fetches while it can still be had, and proves at once that it can be done without: two rebuilds
 * with nothing but what was recorded, under the clock of the recording.
 */
@Injectable()
export class RehearsalService {
  constructor(
    private readonly records: RecordsService,
    private readonly recipes: RecipesService,
    private readonly closures: ClosureRecordingService,
    private readonly rebuilds: RebuildsService,
    private readonly pointers: PointersService,
  ) {}

  async rehearse(job: RunningJob, context: JobContext, directory: string): Promise<JobEnd> {
    await context.step('planning');
    const version = await this.records.requireVersion(job.principal, job.reference);
    const recipe = await this.recipes.make(version, job, nativePlatform(), context.signal);
    for (const { code, message, file, line } of recipe.document.warnings) {
      const where = file === null ? '' : ` (${file}${line === null ? '' : `:${line}`})`;
      context.line('note', `${code}: ${message}${where}`);
    }
    await context.step('recording');
    const { closure, packages } = await this.closures.record(version, recipe, directory, job, context);
    // From now on somebody looks, from time to time, whether they are still there.
    await this.pointers.collect(version.id, packages);
    return await this.rebuilds.prove({ version, recipe, closure, directory, count: REBUILDS }, job, context);
  }
}

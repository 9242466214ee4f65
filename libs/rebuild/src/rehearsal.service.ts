import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Injectable } from '@nestjs/common';
import type { JobContext, JobEnd, RunningJob } from '@envarium/jobs';
import { ProvenanceArchiveService, ProvenanceService } from '@envarium/provenance';
import { RecordsService, type VersionRow } from '@envarium/records';
import type { ArchivedClosure } from '@envarium/schema';
import { BuilderArchiveService } from './builder-archive.service.js';
import { HOST_PLATFORM } from './host-platform.js';
import { ImageLayoutsService } from './image-layouts.service.js';
import { type LoadedRecipe, RecipesService } from './recipes.service.js';
import { bodiesOf, RecorderService } from './recorder.service.js';
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
  ) {}

  async rehearse(job: RunningJob, context: JobContext, directory: string): Promise<JobEnd> {
    await context.step('planning');
    const version = await this.records.requireVersion(job.principal, job.reference);
    const recipe = await this.recipes.make(version, job, HOST_PLATFORM, context.signal);
    for (const { code, message, file, line } of recipe.document.warnings) {
      const where = file === null ? '' : ` (${file}${line === null ? '' : `:${line}`})`;
      context.line('note', `${code}: ${message}${where}`);
    }
    await context.step('recording');
    const closure = await this.closures.record(version, recipe, directory, job, context);
    return await this.rebuilds.prove({ version, recipe, closure, directory, count: REBUILDS }, job, context);
  }
}

/** The first half of a rehearsal. */
@Injectable()
export class ClosureRecordingService {
  constructor(
    private readonly recorder: RecorderService,
    private readonly layouts: ImageLayoutsService,
    private readonly builders: BuilderArchiveService,
    private readonly archive: ProvenanceArchiveService,
    private readonly provenance: ProvenanceService,
  ) {}

  /** What an earlier attempt at the same job has recorded already is taken as it is. */
  async record(
    version: VersionRow,
    recipe: LoadedRecipe,
    directory: string,
    job: RunningJob,
    context: JobContext,
  ): Promise<ArchivedClosure> {
    const earlier = job.attempts > 1 ? await this.provenance.latestClosure(version.id) : null;
    if (earlier !== null && earlier.document.recipeDigest === recipe.artifactDigest) {
      context.line('note', 'an earlier attempt has recorded the closure');
      return earlier;
    }
    const recordedAt = new Date();
    const epoch = Math.floor(recordedAt.getTime() / 1000);
    const place = path.join(directory, 'recording');
    await mkdir(place);
    const recorded = await this.recorder.record(recipe, epoch, place, job, context);
    const { image: built } = recorded.built.outcome;
    if (built === null) throw new TypeError('a recording needs an image');
    const image = await this.layouts.keep(job.principal, job.repository, built);
    const { executor } = recorded.built.chosen;
    const builder = await this.builders.keep(executor, job.principal, job.repository, [`epoch=${epoch}`]);
    const lists = await this.recorder.storeLists(recorded);
    return await this.archive.archiveClosure({
      version,
      bodies: bodiesOf(recorded.exchanges),
      document: {
        schemaVersion: 1,
        record: { id: version.record.publicId, repository: version.record.repository.name },
        version: version.number,
        recordDigest: recipe.document.recordDigest,
        recipeDigest: recipe.artifactDigest,
        exchanges: lists.exchanges,
        packages: lists.packages,
        contentSize: recorded.contentSize,
        image: { digest: image.digest, size: image.size, mediaType: image.mediaType },
        builder,
        epoch,
        recordedAt: recordedAt.toISOString(),
        recordedBy: job.createdBy,
      },
    });
  }
}

import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Injectable } from '@nestjs/common';
import type { JobContext, RunningJob } from '@envarium/jobs';
import { ProvenanceArchiveService, ProvenanceService } from '@envarium/provenance';
import type { VersionRow } from '@envarium/records';
import type { ArchivedClosure, ClosurePackage } from '@envarium/schema';
import { BuilderArchiveService } from './builder-archive.service.js';
import { ImageLayoutsService } from './image-layouts.service.js';
import { bodiesOf, RecorderService } from './recorder.service.js';
import type { LoadedRecipe } from './recipes.service.js';

export interface RecordedClosure {
  readonly closure: ArchivedClosure;
  /** What was recorded now; empty where an earlier attempt has done it. */
  readonly packages: readonly ClosurePackage[];
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
  ): Promise<RecordedClosure> {
    const earlier = job.attempts > 1 ? await this.provenance.latestClosure(version.id) : null;
    if (earlier !== null && earlier.document.recipeDigest === recipe.artifactDigest) {
      context.line('note', 'an earlier attempt has recorded the closure');
      return { closure: earlier, packages: [] };
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
    const closure = await this.archive.archiveClosure({
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
    return { closure, packages: recorded.packages };
  }
}

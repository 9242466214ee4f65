import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { parsePlatform } from '@envarium/oci';
import type { RecipeFile } from '@envarium/recipes';
import type { BuildOutcome, Clock, EventSink, Internet, Limits } from '@envarium/sandbox';
import type { RecipeBase } from '@envarium/schema';
import { writeContext } from './deposit-files.service.js';
import { type ChosenExecutor, ExecutorsService } from './executors.service.js';
import { ImageLayoutsService } from './image-layouts.service.js';
import { REBUILD_OPTIONS, type RebuildOptions } from './rebuild-options.js';

export interface BuildRequest {
  /** Empty, of this build alone. */
  readonly directory: string;
  readonly dockerfile: string;
  readonly context: readonly RecipeFile[];
  readonly bases: readonly RecipeBase[];
  readonly platform: string;
  readonly internet: Internet;
  /** Seconds: every time stamp in the image, and the clock that its programs see. */
  readonly epoch: number;
  readonly sink: EventSink;
  readonly signal: AbortSignal;
}

export interface Built {
  readonly outcome: BuildOutcome;
  readonly chosen: ChosenExecutor;
  readonly clock: Clock;
  readonly limits: Limits;
}

/** Lays out on disk what an executor needs, and lets it build. */
@Injectable()
export class BuildsService {
  constructor(
    private readonly executors: ExecutorsService,
    private readonly layouts: ImageLayoutsService,
    @Inject(REBUILD_OPTIONS) private readonly options: RebuildOptions,
  ) {}

  /** @throws ArchiveError EXECUTOR_UNAVAILABLE, BLOB_UNKNOWN and the like: a base is not whole */
  async build(request: BuildRequest): Promise<Built> {
    const { directory, platform, signal, sink, epoch } = request;
    const { limits } = this.options;
    const chosen = await this.executors.choose(platform, request.internet);
    const context = path.join(directory, 'context');
    await writeContext(context, request.context);
    const dockerfile = path.join(directory, 'Dockerfile');
    await writeFile(dockerfile, request.dockerfile);
    const bases = [];
    for (const [index, base] of request.bases.entries()) {
      const layout = path.join(directory, `base-${index}`);
      const image = await this.layouts.imageFor(base.digest, parsePlatform(platform));
      bases.push({ reference: base.reference, image: await this.layouts.materialise(image, layout, signal) });
    }
    const work = path.join(directory, 'work');
    await mkdir(work);
    const at = new Date(epoch * 1000);
    const clock: Clock = chosen.probe.canPinClock ? { kind: 'pinned', at } : { kind: 'host' };
    const { internet } = request;
    const outcome = await chosen.executor.build(
      { directory: work, context, dockerfile, bases, internet, clock, epoch, platform, limits },
      sink,
      signal,
    );
    return { outcome, chosen, clock, limits };
  }
}

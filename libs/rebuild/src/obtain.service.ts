import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Injectable } from '@nestjs/common';
import { ArchiveError, type ErrorCode } from '@envarium/errors';
import type { JobContext, RunningJob } from '@envarium/jobs';
import { formatPlatform, parsePlatform } from '@envarium/oci';
import { ProvenanceService } from '@envarium/provenance';
import type { VersionRow } from '@envarium/records';
import { type LayoutImage, nativePlatform } from '@envarium/sandbox';
import { type ArchivedImage, ImageLayoutsService } from './image-layouts.service.js';
import { RebuildsService } from './rebuilds.service.js';

export interface Obtained {
  readonly image: ArchivedImage;
  readonly layout: LayoutImage;
  readonly platform: string;
  /** When the image was made, as its config says. */
  readonly created: Date | null;
  readonly route: 'pull' | 'rebuild';
}

/** The archive's own copy is not whole: then the closure may still give the environment back. */
const NOT_WHOLE: readonly ErrorCode[] = ['BLOB_UNKNOWN', 'BLOB_CORRUPT', 'DIGEST_INVALID', 'SIZE_INVALID'];

/** The environment of a version, by the best way that leads to it. */
@Injectable()
export class ObtainService {
  constructor(
    private readonly layouts: ImageLayoutsService,
    private readonly provenance: ProvenanceService,
    private readonly rebuilds: RebuildsService,
  ) {}

  /** @throws ArchiveError RUN_NOT_REPEATABLE when there is none; what went wrong with the rebuild */
  async obtain(version: VersionRow, job: RunningJob, context: JobContext, directory: string): Promise<Obtained> {
    await context.step('pulling');
    const closure = await this.provenance.latestClosure(version.id);
    const digest = version.imageDigest ?? closure?.document.image.digest ?? null;
    if (digest === null) {
      throw new ArchiveError('RUN_NOT_REPEATABLE', { reference: job.reference, reason: 'no-environment' });
    }
    try {
      return await this.materialised(digest, 'pull', context, path.join(directory, 'image'));
    } catch (error) {
      if (!(error instanceof ArchiveError) || !NOT_WHOLE.includes(error.code) || closure === null) throw error;
      context.line('note', `the archived image is damaged (${error.code}); it is rebuilt from its closure`);
    }
    const newest = await this.rebuilds.newest(version, job.reference);
    const [signed] = await this.rebuilds.signed({ ...newest, version, directory, count: 1 }, job, context);
    if (signed === undefined) throw new ArchiveError('RUN_NOT_REPEATABLE', { reason: 'no-environment' });
    return await this.materialised(signed.rebuilt.digest, 'rebuild', context, path.join(directory, 'rebuilt'));
  }

  private async materialised(
    digest: string,
    route: Obtained['route'],
    { signal }: JobContext,
    place: string,
  ): Promise<Obtained> {
    await mkdir(place);
    const image = await this.layouts.imageFor(digest, parsePlatform(nativePlatform()));
    const { platform, created } = await this.layouts.aboutOf(image);
    const layout = await this.layouts.materialise(image, place, signal);
    return { image, layout, platform: platform === null ? nativePlatform() : formatPlatform(platform), created, route };
  }
}

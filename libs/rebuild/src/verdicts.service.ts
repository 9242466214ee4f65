import { Injectable } from '@nestjs/common';
import { compareImages } from '@envarium/comparison';
import type { JobContext, RunningJob } from '@envarium/jobs';
import { parsePlatform } from '@envarium/oci';
import { ContentStoreService, ReceiptsArchiveService } from '@envarium/provenance';
import type { VersionRow } from '@envarium/records';
import type { ArchivedClosure, ImageComparison, Receipt, RebuildPredicate } from '@envarium/schema';
import { FileListsService } from './file-lists.service.js';
import { type ArchivedImage, ImageLayoutsService } from './image-layouts.service.js';
import { isolationOf, isSealed } from './isolation.js';
import type { LoadedRecipe } from './recipes.service.js';
import type { Replayed } from './replayer.service.js';

export interface RebuildVerdict {
  readonly version: VersionRow;
  readonly recipe: LoadedRecipe;
  readonly closure: ArchivedClosure;
  readonly replayed: Replayed;
  readonly rehearsal: RebuildPredicate['rehearsal'];
  readonly startedAt: Date;
}

export interface SignedVerdict {
  readonly receipt: Receipt;
  readonly comparison: ImageComparison;
  readonly rebuilt: ArchivedImage;
}

/** Compares what was rebuilt with what was archived, and signs what came of it. */
@Injectable()
export class VerdictsService {
  constructor(
    private readonly layouts: ImageLayoutsService,
    private readonly lists: FileListsService,
    private readonly receipts: ReceiptsArchiveService,
    private readonly contents: ContentStoreService,
  ) {}

  /** The image that a rebuild is held against: the author's, or what was built when the closure was recorded. */
  async expected(version: VersionRow, { document }: ArchivedClosure, platform: string): Promise<ArchivedImage> {
    return await this.layouts.imageFor(version.imageDigest ?? document.image.digest, parsePlatform(platform));
  }

  async sign(verdict: RebuildVerdict, job: RunningJob, context: JobContext): Promise<SignedVerdict> {
    const { version, recipe, closure, replayed, rehearsal, startedAt } = verdict;
    const { built, counts, log } = replayed;
    const image = built.outcome.image;
    if (image === null) throw new TypeError('a verdict needs an image');
    await context.step('comparing');
    const rebuilt = await this.layouts.keep(job.principal, job.repository, image);
    const expected = await this.expected(version, closure, recipe.document.platform);
    const request = {
      version,
      actor: job.createdBy,
      signal: context.signal,
      onProgress: (done: number, total: number) =>
        context.progress({ what: 'files of the image read', unit: 'bytes', done, total }),
    };
    const before = await this.lists.listing(expected, request);
    const after = rebuilt.digest === expected.digest ? before : await this.lists.listing(rebuilt, request);
    const comparison = compareImages(before, after);
    context.line('note', comparison.summary);

    await context.step('signing');
    const stored = await this.contents.storeContent(log.content());
    const isolation = isolationOf(
      { id: built.chosen.executor.id, probe: built.chosen.probe },
      'replay',
      built.outcome.canary,
      built.clock,
      built.limits,
    );
    const { digest, mediaType, size } = rebuilt;
    const receipt = await this.receipts.archiveReceipt({
      kind: 'rebuild',
      version,
      subject: { mediaType: expected.mediaType, digest: expected.digest, size: expected.size },
      log: stored,
      isProof: isSealed(isolation) && counts.misses.length === 0 && counts.fetched.length === 0,
      summary: comparison.summary,
      actor: job.createdBy,
      predicate: {
        about: { recordId: version.record.publicId, version: version.number, recordDigest: version.recordDigest ?? '' },
        recipeDigest: recipe.artifactDigest,
        closureDigest: closure.artifactDigest,
        rebuilt: { digest, mediaType, size },
        grade: comparison.grade,
        comparison,
        rehearsal,
        builder: closure.document.builder,
        isolation,
        replay: { hits: counts.hits, misses: counts.misses.map(({ url }) => url) },
        startedAt: startedAt.toISOString(),
        finishedAt: new Date().toISOString(),
        logDigest: stored.digest,
      },
    });
    return { receipt, comparison, rebuilt };
  }
}

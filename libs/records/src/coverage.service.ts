import { Injectable } from '@nestjs/common';
import type { Principal } from '@envarium/access';
import { ImageEnvironmentsService } from '@envarium/environments';
import { parseDigest } from '@envarium/oci';
import { ContentService } from '@envarium/registry';
import { type EnvironmentCoverage, EnvironmentManifest, type RecordVersion } from '@envarium/schema';
import { coverageOf, type ManifestGaps } from './coverage.js';
import { RecordBatchesService, versionReference } from './record-batches.service.js';

/** As everywhere that an environment manifest is read. */
const DOCUMENT_LIMIT = 256 * 1024 * 1024;
const MAX_PLACES = 100;
/** Manifests never change, and a page asks for the same few again and again. */
const KEPT = 500;

const Gaps = EnvironmentManifest.pick({ notUnderstood: true, lookedFor: true });

/** What the packages of versions rest on: which sources were read, and what was not understood. */
@Injectable()
export class CoverageService {
  private readonly gaps = new Map<string, ManifestGaps>();

  constructor(
    private readonly batches: RecordBatchesService,
    private readonly images: ImageEnvironmentsService,
    private readonly content: ContentService,
  ) {}

  /** Of versions that the principal may see, by reference as `versionReference` gives it. */
  async of(
    principal: Principal,
    versions: readonly RecordVersion[],
  ): Promise<ReadonlyMap<string, EnvironmentCoverage>> {
    const [files, images] = await Promise.all([
      this.batches.packageFiles(principal, versions),
      this.images.of(versions.flatMap(({ imageDigest }) => imageDigest ?? [])),
    ]);
    const coverages = new Map<string, EnvironmentCoverage>();
    for (const version of versions) {
      const reference = versionReference(version);
      const ofImage = version.imageDigest === null ? [] : (images.get(version.imageDigest) ?? []);
      const environmentDigest = version.environment?.digest ?? null;
      const digests = [environmentDigest, ...ofImage.map((each) => each.environmentDigest)];
      coverages.set(
        reference,
        coverageOf({
          packageFiles: files.get(reference) ?? [],
          environmentDigest,
          hasImage: version.imageDigest !== null,
          images: ofImage,
          gaps: await this.gapsOf(digests.filter((digest) => digest !== null)),
        }),
      );
    }
    return coverages;
  }

  private async gapsOf(digests: readonly string[]): Promise<ReadonlyMap<string, ManifestGaps>> {
    const found = new Map<string, ManifestGaps>();
    for (const digest of digests) found.set(digest, this.gaps.get(digest) ?? (await this.read(digest)));
    return found;
  }

  private async read(digest: string): Promise<ManifestGaps> {
    const bytes = await this.content.read(parseDigest(digest), DOCUMENT_LIMIT);
    const { notUnderstood, lookedFor } = Gaps.parse(JSON.parse(bytes.toString('utf8')));
    const gaps = {
      notUnderstood: notUnderstood
        .slice(0, MAX_PLACES)
        .map(({ evidence: { file: place, line }, reason, message }) => ({ place, line, reason, message })),
      notUnderstoodCount: notUnderstood.length,
      lookedFor: lookedFor ?? [],
    };
    const [oldest] = this.gaps.keys();
    if (this.gaps.size >= KEPT && oldest !== undefined) this.gaps.delete(oldest);
    this.gaps.set(digest, gaps);
    return gaps;
  }
}

import { Injectable } from '@nestjs/common';
import type { Principal } from '@envarium/access';
import { ImageEnvironmentsService } from '@envarium/environments';
import type { EnvironmentCoverage, RecordVersion } from '@envarium/schema';
import { coverageOf } from './coverage.js';
import { ManifestNotesService } from './manifest-notes.service.js';
import { RecordBatchesService, versionReference } from './record-batches.service.js';

/** What the packages of versions rest on: which sources were read, and what was not understood. */
@Injectable()
export class CoverageService {
  constructor(
    private readonly batches: RecordBatchesService,
    private readonly images: ImageEnvironmentsService,
    private readonly notes: ManifestNotesService,
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
      const notes = await this.notes.of(digests.filter((digest) => digest !== null));
      coverages.set(
        reference,
        coverageOf({
          packageFiles: files.get(reference) ?? [],
          environmentDigest,
          hasImage: version.imageDigest !== null,
          images: ofImage,
          gaps: new Map([...notes].map(([digest, { gaps }]) => [digest, gaps])),
        }),
      );
    }
    return coverages;
  }
}

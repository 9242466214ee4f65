import { Injectable } from '@nestjs/common';
import { environmentFactsOf, ImageEnvironmentsService } from '@envarium/environments';
import type { EnvironmentFacts, RecordVersion } from '@envarium/schema';
import { ManifestNotesService } from './manifest-notes.service.js';
import { versionReference } from './record-batches.service.js';

/** What the environments of versions were beside packages: systems, libraries that computed, variables that change numbers. */
@Injectable()
export class EnvironmentFactsService {
  constructor(
    private readonly images: ImageEnvironmentsService,
    private readonly notes: ManifestNotesService,
  ) {}

  /** Of versions that were looked up for the caller, by reference as `versionReference` gives it. */
  async of(versions: readonly RecordVersion[]): Promise<ReadonlyMap<string, EnvironmentFacts>> {
    const images = await this.images.of(versions.flatMap(({ imageDigest }) => imageDigest ?? []));
    const facts = new Map<string, EnvironmentFacts>();
    for (const version of versions) {
      const ofImage = version.imageDigest === null ? [] : (images.get(version.imageDigest) ?? []);
      const sources = [
        { digest: version.environment?.digest ?? null, source: 'package-file', platform: null } as const,
        ...ofImage.map(({ environmentDigest: digest, platform }) => ({ digest, source: 'image', platform }) as const),
      ];
      const notes = await this.notes.of(sources.flatMap(({ digest }) => digest ?? []));
      const scopes = sources.flatMap(({ digest, ...from }) =>
        (digest === null ? [] : (notes.get(digest)?.scopes ?? [])).map((scope) => ({ ...scope, ...from })),
      );
      facts.set(versionReference(version), environmentFactsOf(scopes));
    }
    return facts;
  }
}

import { Injectable } from '@nestjs/common';
import { ArchiveError } from '@envarium/errors';
import {
  type ArchivedManifest,
  type Descriptor,
  type Digest,
  isImageConfigType,
  isManifestMediaType,
  MANIFEST_MAX_SIZE,
  parseImageConfig,
  parseManifest,
  type Platform,
  selectPlatform,
} from '@envarium/oci';
import { ContentService } from './content.service.js';
import { ManifestsService } from './manifests.service.js';
import type { RepositoryRef } from './repositories.service.js';

/** Real images nest two levels and name tens of children of some KiB, which are all read before an answer begins. */
const MAX_MANIFESTS = 1000;
const MAX_MANIFEST_BYTES = 16 * 1024 * 1024;

/** Image indexes as trees of image manifests. */
@Injectable()
export class ImageTreeService {
  constructor(
    private readonly manifests: ManifestsService,
    private readonly content: ContentService,
  ) {}

  /** @throws ArchiveError MANIFEST_UNKNOWN, DIGEST_INVALID */
  async root(repository: RepositoryRef, reference: string): Promise<ArchivedManifest> {
    return await this.manifest(await this.manifests.find(repository, reference));
  }

  /**
   * The root and all image manifests below it, each once.
   * @param isSparse children that the repository does not have are left out
   * @throws ArchiveError IMAGE_NOT_PORTABLE with `reason`: content-absent, limit
   */
  async read(
    repository: RepositoryRef,
    root: ArchivedManifest,
    isSparse = false,
  ): Promise<[ArchivedManifest, ...ArchivedManifest[]]> {
    const found: [ArchivedManifest, ...ArchivedManifest[]] = [root];
    const seen = new Set<Digest>([root.descriptor.digest]);
    let size = root.descriptor.size;
    // The list grows while it is walked.
    for (const { parsed } of found) {
      for (const child of parsed.manifests) {
        if (seen.has(child.digest) || !isManifestMediaType(child.mediaType)) continue;
        seen.add(child.digest);
        if (seen.size > MAX_MANIFESTS) throw notPortable('limit', { limit: MAX_MANIFESTS });
        const manifest = await this.child(repository, child);
        if (manifest === null) {
          if (isSparse) continue;
          throw notPortable('content-absent', { contents: [{ digest: child.digest, reason: 'content-absent' }] });
        }
        size += manifest.descriptor.size;
        if (size > MAX_MANIFEST_BYTES) throw notPortable('limit', { limit: MAX_MANIFEST_BYTES });
        found.push(manifest);
      }
    }
    return found;
  }

  /**
   * The image for a platform, at whatever depth of an index; an image by itself must be for it.
   * @throws ArchiveError PLATFORM_UNKNOWN
   */
  async select(repository: RepositoryRef, root: ArchivedManifest, wanted: Platform): Promise<ArchivedManifest> {
    const candidates = [];
    for (const manifest of await this.read(repository, root, true)) {
      if (manifest.parsed.kind === 'index') continue;
      const platform = manifest.descriptor.platform ?? (await this.platformOf(repository, manifest));
      candidates.push({ platform, digest: manifest.descriptor.digest, manifest });
    }
    return selectPlatform(candidates, wanted).manifest;
  }

  private async child(repository: RepositoryRef, child: Descriptor): Promise<ArchivedManifest | null> {
    try {
      const { platform } = child;
      const found = await this.manifests.find(repository, child.digest);
      return await this.manifest({ ...found, ...(platform !== undefined && { platform }) });
    } catch (error) {
      if (error instanceof ArchiveError && error.code === 'MANIFEST_UNKNOWN') return null;
      throw error;
    }
  }

  private async manifest(descriptor: ArchivedManifest['descriptor']): Promise<ArchivedManifest> {
    const bytes = await this.manifests.bytes(descriptor.digest);
    return { descriptor, parsed: parseManifest(bytes, descriptor.mediaType) };
  }

  /** As the config says it; null for an artifact, and where the config is not here or is not one. */
  private async platformOf(repository: RepositoryRef, { parsed }: ArchivedManifest): Promise<Platform | null> {
    const { config } = parsed;
    if (config === null || !isImageConfigType(config.mediaType)) return null;
    const size = await this.content.visibleSize(repository.id, config.digest);
    if (size === null || size > MANIFEST_MAX_SIZE) return null;
    try {
      const { os, architecture, variant } = parseImageConfig(await this.content.read(config.digest, MANIFEST_MAX_SIZE));
      return { os, architecture, ...(variant && { variant }) };
    } catch (error) {
      if (error instanceof ArchiveError && error.code === 'MANIFEST_INVALID') return null;
      throw error;
    }
  }
}

function notPortable(reason: string, detail: object): ArchiveError {
  return new ArchiveError('IMAGE_NOT_PORTABLE', { reason, ...detail });
}

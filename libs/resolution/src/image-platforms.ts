import { Injectable } from '@nestjs/common';
import { ArchiveError } from '@envarium/errors';
import type { ImagePlatform } from '@envarium/hardware';
import { MANIFEST_MAX_SIZE, parseDigest, parseImageConfig, parseManifest } from '@envarium/oci';
import { ContentService } from '@envarium/registry';

/** For which machines an archived image is made. */
@Injectable()
export class ImagePlatforms {
  constructor(private readonly content: ContentService) {}

  /** Platforms of an image index as written there, or that of an image as its config says. Empty: it does not say. */
  async of(imageDigest: string): Promise<ImagePlatform[]> {
    const manifest = parseManifest(await this.content.read(parseDigest(imageDigest), MANIFEST_MAX_SIZE));
    if (manifest.kind === 'index') {
      return manifest.manifests.flatMap(({ platform }) => (platform === undefined ? [] : [presentPlatform(platform)]));
    }
    if (manifest.config === null) return [];
    try {
      const config = parseImageConfig(await this.content.read(parseDigest(manifest.config.digest), MANIFEST_MAX_SIZE));
      return [presentPlatform(config)];
    } catch (error) {
      // The config of an artifact is whatever its makers wanted; only an image's says a platform.
      if (error instanceof ArchiveError && error.code !== 'BLOB_CORRUPT') return [];
      throw error;
    }
  }
}

function presentPlatform(platform: {
  architecture: string;
  os: string;
  variant?: string | null | undefined;
}): ImagePlatform {
  const { architecture, os, variant } = platform;
  return { architecture, os, ...(typeof variant === 'string' && variant !== '' && { variant }) };
}

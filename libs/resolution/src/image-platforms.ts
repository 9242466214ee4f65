import { Injectable } from '@nestjs/common';
import { ArchiveError } from '@envarium/errors';
import { type ImagePlatform, toOciArchitecture } from '@envarium/hardware';
import {
  type ImageConfig,
  MANIFEST_MAX_SIZE,
  type ParsedManifest,
  parseDigest,
  parseImageConfig,
  parseManifest,
} from '@envarium/oci';
import { ContentService } from '@envarium/registry';

/** One image of an image index. */
export interface PlatformImage {
  readonly digest: string;
  readonly platform: ImagePlatform;
}

export interface ChosenImage {
  readonly digest: string;
  /** `Env` of its containers. */
  readonly variables: readonly string[];
}

/** For which machines an archived image is made. */
@Injectable()
export class ImagePlatforms {
  constructor(private readonly content: ContentService) {}

  /** Platforms of an image index as written there, or that of an image as its config says. Empty: it does not say. */
  async of(imageDigest: string): Promise<ImagePlatform[]> {
    const manifest = await this.manifest(imageDigest);
    if (manifest.kind === 'index') return imagesOf(manifest).map(({ platform }) => platform);
    const config = await this.config(manifest);
    return config === null ? [] : [presentPlatform(config)];
  }

  /** What the config says of the image, or of the one image of an index that fits the machine; null: no such image. */
  async chosen(imageDigest: string, machine: string | null): Promise<ChosenImage | null> {
    let digest = imageDigest;
    let manifest = await this.manifest(digest);
    if (manifest.kind === 'index') {
      const image = machine === null ? null : await this.fitting(imageDigest, machine);
      if (image === null) return null;
      ({ digest } = image);
      manifest = await this.manifest(digest);
    }
    const config = await this.config(manifest);
    return { digest, variables: config?.config?.Env ?? [] };
  }

  /** The image of an index for a machine; null: it is no index, none fits, or several do and nothing says which. */
  async fitting(imageDigest: string, machine: string): Promise<PlatformImage | null> {
    const own = toOciArchitecture(machine);
    const manifest = await this.manifest(imageDigest);
    if (manifest.kind !== 'index' || own === null) return null;
    const images = imagesOf(manifest).filter(
      ({ platform }) => platform.os === 'linux' && platform.architecture === own.architecture,
    );
    const [only, second] = images;
    return only !== undefined && second === undefined ? only : null;
  }

  private async config({ config }: ParsedManifest): Promise<ImageConfig | null> {
    if (config === null) return null;
    try {
      return parseImageConfig(await this.content.read(parseDigest(config.digest), MANIFEST_MAX_SIZE));
    } catch (error) {
      // The config of an artifact is whatever its makers wanted; only an image's says a platform.
      if (error instanceof ArchiveError && error.code !== 'BLOB_CORRUPT') return null;
      throw error;
    }
  }

  private async manifest(digest: string): Promise<ParsedManifest> {
    return parseManifest(await this.content.read(parseDigest(digest), MANIFEST_MAX_SIZE));
  }
}

/** @returns null where there is no image, or its image manifest is lost: that is for the routes to tell */
export async function unlessLost<T>(
  imageDigest: string | null,
  read: (digest: string) => Promise<T>,
): Promise<T | null> {
  if (imageDigest === null) return null;
  try {
    return await read(imageDigest);
  } catch (error) {
    if (error instanceof ArchiveError && (error.code === 'BLOB_UNKNOWN' || error.code === 'BLOB_CORRUPT')) return null;
    throw error;
  }
}

function imagesOf(index: ParsedManifest): PlatformImage[] {
  return index.manifests.flatMap(({ digest, platform }) =>
    platform === undefined ? [] : [{ digest, platform: presentPlatform(platform) }],
  );
}

/** As in linux/arm64/v8. */
export function platformName({ os, architecture, variant }: ImagePlatform): string {
  return [os, architecture, variant].filter((part) => part !== undefined).join('/');
}

function presentPlatform(platform: {
  architecture: string;
  os: string;
  variant?: string | null | undefined;
}): ImagePlatform {
  const { architecture, os, variant } = platform;
  return { architecture, os, ...(typeof variant === 'string' && variant !== '' && { variant }) };
}

import { type Digest, formatPlatform, type ImageSource, isManifestMediaType, parseManifest } from '@envarium/oci';
import type { RegistryClient } from '../client/registry-client.js';
import { EXIT } from '../exit-codes.js';
import { CommandFailed } from '../failure.js';
import type { Output } from '../output.js';
import { formatSize } from '../text/size.js';
import { count } from '../text/version-text.js';
import { pushBlob } from './push-blob.js';

export interface PushedImage {
  readonly digest: Digest;
  readonly blobCount: number;
  /** Blobs that were not there yet. */
  readonly sentCount: number;
  readonly size: number;
  readonly isDigestDerived: boolean;
}

/**
 * Pushes an image by digest: blobs, children, root, in the order in which each finds what it names. Every byte is checked
 * on its way out, by the registry on its way in, and the root's digest is compared at the end.
 */
export async function pushImage(
  registry: RegistryClient,
  repository: string,
  image: ImageSource,
  output: Output,
): Promise<PushedImage> {
  await requireComplete(registry, repository, image, output);
  const size = image.blobs.reduce((total, blob) => total + blob.size, 0);
  const progress = await output.progress('image', size);
  let sentCount = 0;
  try {
    for (const blob of image.blobs) {
      if (await pushBlob(registry, repository, blob, () => image.blob(blob.digest), progress)) sentCount += 1;
    }
  } finally {
    progress.stop();
  }
  for (const manifest of image.manifests.values()) await registry.pushManifest(repository, manifest);
  await registry.pushManifest(repository, image.root);
  const { digest } = image.root;
  return { digest, blobCount: image.blobs.length, sentCount, size, isDigestDerived: image.isDigestDerived };
}

export function imageLines(pushed: PushedImage): string[] {
  const { digest, blobCount, sentCount, size, isDigestDerived } = pushed;
  return [
    `Image ${digest}: ${count(blobCount, 'blob')}, ${formatSize(size)}, ${sentCount} sent, ${blobCount - sentCount} were there.`,
    ...(isDigestDerived
      ? [
          'The archive holds no image manifest; one was made from its parts, so the digest is not that of another registry.',
        ]
      : []),
  ];
}

/**
 * What the archive lacks may be in the repository from an earlier push; the registry takes no image of which a part is
 * nowhere, and says so only after all the rest was sent.
 */
async function requireComplete(
  registry: RegistryClient,
  repository: string,
  image: ImageSource,
  output: Output,
): Promise<void> {
  const absent: string[] = [];
  for (const { kind, descriptor, isOptional } of image.missing) {
    if (kind === 'subject') continue;
    const { digest, mediaType, platform } = descriptor;
    const isThere = isManifestMediaType(mediaType)
      ? await registry.hasManifest(repository, digest)
      : await registry.hasBlob(repository, digest);
    if (isThere) continue;
    if (!isOptional) absent.push(`${platform === undefined ? kind : formatPlatform(platform)} ${digest}`);
    else output.warn(`the image names a ${kind} that is neither in the archive nor in the repository: ${digest}`);
  }
  if (absent.length > 0) throw incomplete(absent, platformsOf(image));
}

/** Of the images that are in the archive. */
function platformsOf({ root, manifests }: ImageSource): string[] {
  return parseManifest(root.bytes, root.mediaType).manifests.flatMap(({ digest, platform }) =>
    manifests.has(digest) && platform !== undefined && platform.os !== 'unknown' ? formatPlatform(platform) : [],
  );
}

function incomplete(absent: readonly string[], platforms: readonly string[]): CommandFailed {
  return new CommandFailed({
    exitCode: EXIT.failure,
    code: 'MANIFEST_BLOB_UNKNOWN',
    title: 'the archive does not hold all of the image, and the repository has not the rest',
    remedy:
      platforms.length > 0
        ? `Deposit one platform that is there with --platform ${platforms.join(' or ')}, or write an archive of all: skopeo copy --all`
        : 'Write the archive anew from where the image is whole.',
    detail: { absent: absent.slice(0, 20), ...(platforms.length > 0 && { platforms }) },
  });
}

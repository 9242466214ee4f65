import { ArchiveError } from '@envarium/errors';
import type { Descriptor, Platform } from '../descriptor.js';
import type { Digest } from '../digest.js';
import { parseImageConfig } from '../image-config.js';
import { parseManifest, type ParsedManifest } from '../manifest.js';
import { isImageConfigType } from '../media-types.js';
import { selectPlatform, type PlatformCandidate } from '../platform.js';
import type { ImageSource, SourceManifest } from './image-source.js';

/**
 * Of a source that holds several images, the one for a platform, by itself.
 * @throws ArchiveError PLATFORM_UNKNOWN
 */
export async function selectSourceImage(source: ImageSource, wanted: Platform): Promise<ImageSource> {
  const manifests = [source.root, ...source.manifests.values()].map((manifest) => ({
    manifest,
    parsed: parseManifest(manifest.bytes, manifest.mediaType),
  }));
  const named = new Map<Digest, Descriptor>(
    manifests.flatMap(({ parsed }) => parsed.manifests.map((child) => [child.digest, child])),
  );
  const candidates: (PlatformCandidate & { manifest: SourceManifest; parsed: ParsedManifest })[] = [];
  for (const { manifest, parsed } of manifests) {
    if (parsed.kind === 'index') continue;
    const platform = named.get(manifest.digest)?.platform ?? (await platformOf(source, parsed));
    candidates.push({ platform, digest: manifest.digest, manifest, parsed });
  }
  const { manifest, parsed } = selectPlatform(candidates, wanted);
  const digests = new Set(parsed.references.map(({ descriptor }) => descriptor.digest));
  return {
    ...source,
    root: manifest,
    manifests: new Map(),
    blobs: source.blobs.filter(({ digest }) => digests.has(digest)),
    missing: source.missing.filter(({ descriptor }) => digests.has(descriptor.digest)),
  };
}

/** As the config says it; null where it is not in the source or is none. */
async function platformOf(source: ImageSource, { config }: ParsedManifest): Promise<Platform | null> {
  if (config === null || !isImageConfigType(config.mediaType)) return null;
  if (!source.blobs.some(({ digest }) => digest === config.digest)) return null;
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of source.blob(config.digest)) chunks.push(chunk);
    const { os, architecture, variant } = parseImageConfig(Buffer.concat(chunks));
    return { os, architecture, ...(variant && { variant }) };
  } catch (error) {
    if (error instanceof ArchiveError && error.code === 'MANIFEST_INVALID') return null;
    throw error;
  }
}

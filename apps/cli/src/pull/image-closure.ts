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
  type SourceManifest,
  verifyContent,
} from '@envarium/oci';
import type { RegistryClient } from '../client/registry-client.js';
import { EXIT } from '../exit-codes.js';
import { CommandFailed } from '../failure.js';

/** A document of an image, read and checked. */
export interface PulledManifest extends ArchivedManifest {
  readonly bytes: Uint8Array;
}

/** An image as the registry has it: all its documents, and what they name. */
export interface ImageClosure {
  /** The root first. */
  readonly manifests: readonly [PulledManifest, ...PulledManifest[]];
  /** Configs, layers and what else is held, each digest once. */
  readonly blobs: readonly Descriptor[];
  /** Named as a child, but not held: platforms that were never pushed. */
  readonly missing: readonly Descriptor[];
  /** Layers that are not held because they are fetched from where their makers allow it. */
  readonly elsewhere: readonly Descriptor[];
}

/** Real images nest two levels and name tens of children. */
const MAX_MANIFESTS = 10_000;

/**
 * @param platform of an index only the image for this one
 * @throws ArchiveError DIGEST_INVALID, SIZE_INVALID, MANIFEST_INVALID, PLATFORM_UNKNOWN
 */
export async function readClosure(
  registry: RegistryClient,
  repository: string,
  digest: Digest,
  platform: Platform | null = null,
): Promise<ImageClosure> {
  const { manifests, missing } = await readManifests(registry, repository, digest);
  if (platform === null) return { manifests, missing, ...(await findBlobs(registry, repository, manifests)) };
  const chosen = await selectManifest(registry, repository, manifests, platform);
  return { manifests: [chosen], missing: [], ...(await findBlobs(registry, repository, [chosen])) };
}

async function readManifests(
  registry: RegistryClient,
  repository: string,
  digest: Digest,
): Promise<Pick<ImageClosure, 'manifests' | 'missing'>> {
  const manifests: [PulledManifest, ...PulledManifest[]] = [pulled(await registry.manifest(repository, { digest }))];
  const known = new Set<Digest>([digest]);
  const missing = new Map<Digest, Descriptor>();
  // The list grows while it is walked.
  for (const { parsed } of manifests) {
    for (const child of parsed.manifests) {
      if (known.has(child.digest) || !isManifestMediaType(child.mediaType)) continue;
      known.add(child.digest);
      if (known.size > MAX_MANIFESTS) throw tooManyManifests();
      const found = await findManifest(registry, repository, child);
      if (found === null) missing.set(child.digest, child);
      else manifests.push(pulled(found, child));
    }
  }
  return { manifests, missing: [...missing.values()] };
}

async function selectManifest(
  registry: RegistryClient,
  repository: string,
  manifests: readonly PulledManifest[],
  wanted: Platform,
): Promise<PulledManifest> {
  const candidates = [];
  for (const manifest of manifests.filter(({ parsed }) => parsed.kind === 'image')) {
    const platform = manifest.descriptor.platform ?? (await platformOf(registry, repository, manifest));
    candidates.push({ platform, digest: manifest.descriptor.digest, manifest });
  }
  return selectPlatform(candidates, wanted).manifest;
}

/** As the config says it; null for an artifact. */
async function platformOf(
  registry: RegistryClient,
  repository: string,
  { parsed: { config } }: PulledManifest,
): Promise<Platform | null> {
  if (config === null || !isImageConfigType(config.mediaType) || config.size > MANIFEST_MAX_SIZE) return null;
  const chunks: Uint8Array[] = [];
  for await (const chunk of verifyContent(registry.blob(repository, config.digest), config)) chunks.push(chunk);
  const { os, architecture, variant } = parseImageConfig(Buffer.concat(chunks));
  return { os, architecture, ...(variant && { variant }) };
}

async function findBlobs(
  registry: RegistryClient,
  repository: string,
  manifests: readonly PulledManifest[],
): Promise<Pick<ImageClosure, 'blobs' | 'elsewhere'>> {
  const known = new Set(manifests.map(({ descriptor }) => descriptor.digest));
  const blobs = new Map<Digest, Descriptor>();
  const elsewhere = new Map<Digest, Descriptor>();
  for (const { kind, descriptor, isOptional } of manifests.flatMap(({ parsed }) => parsed.references)) {
    const { digest } = descriptor;
    // A subject is an image of its own; image manifests were read before.
    const isManifest = kind === 'child' && isManifestMediaType(descriptor.mediaType);
    if (kind === 'subject' || isManifest) continue;
    if (known.has(digest) || blobs.has(digest) || elsewhere.has(digest)) continue;
    const isHeld = !isOptional || (await registry.hasBlob(repository, digest));
    (isHeld ? blobs : elsewhere).set(digest, descriptor);
  }
  return { blobs: [...blobs.values()], elsewhere: [...elsewhere.values()] };
}

function pulled({ bytes, mediaType, digest }: SourceManifest, named?: Descriptor): PulledManifest {
  const platform = named?.platform;
  const descriptor = { mediaType, digest, size: bytes.length, ...(platform !== undefined && { platform }) };
  return { descriptor, bytes, parsed: parseManifest(bytes, mediaType) };
}

async function findManifest(
  registry: RegistryClient,
  repository: string,
  claim: Descriptor,
): Promise<SourceManifest | null> {
  try {
    return await registry.manifest(repository, claim);
  } catch (error) {
    if (error instanceof CommandFailed && error.failure.exitCode === EXIT.notFound) return null;
    throw error;
  }
}

function tooManyManifests(): CommandFailed {
  const title = `the image has more than ${MAX_MANIFESTS} image manifests`;
  return new CommandFailed({ exitCode: EXIT.failure, code: 'LIMIT', title, remedy: null, detail: {} });
}

import { type Descriptor, type Digest, isManifestMediaType, parseManifest, type SourceManifest } from '@envarium/oci';
import type { RegistryClient } from '../client/registry-client.js';
import { EXIT } from '../exit-codes.js';
import { CommandFailed } from '../failure.js';

/** An image as the registry has it: all its documents, read and checked, and what they name. */
export interface ImageClosure {
  readonly root: SourceManifest;
  /** With the root, which comes first. */
  readonly manifests: readonly SourceManifest[];
  /** Configs and layers, each digest once. */
  readonly blobs: readonly Descriptor[];
  /** Named as a child, but not held: platforms that were never pushed. */
  readonly missing: readonly Descriptor[];
}

/** Real images nest two levels and name tens of children. */
const MAX_MANIFESTS = 10_000;

/** @throws ArchiveError DIGEST_INVALID, SIZE_INVALID, MANIFEST_INVALID */
export async function readClosure(registry: RegistryClient, repository: string, digest: Digest): Promise<ImageClosure> {
  const root = await registry.manifest(repository, { digest });
  const manifests = new Map<Digest, SourceManifest>([[digest, root]]);
  const blobs = new Map<Digest, Descriptor>();
  const missing = new Map<Digest, Descriptor>();
  const waiting = [root];
  for (let manifest = waiting.pop(); manifest !== undefined; manifest = waiting.pop()) {
    for (const { kind, descriptor, isOptional } of parseManifest(manifest.bytes, manifest.mediaType).references) {
      // A subject is an image of its own; optional layers are fetched from elsewhere.
      if (kind === 'subject' || isOptional) continue;
      if (kind !== 'child' || !isManifestMediaType(descriptor.mediaType)) {
        blobs.set(descriptor.digest, descriptor);
        continue;
      }
      if (manifests.has(descriptor.digest) || missing.has(descriptor.digest)) continue;
      if (manifests.size >= MAX_MANIFESTS) throw tooManyManifests();
      const child = await findManifest(registry, repository, descriptor);
      if (child === null) {
        missing.set(descriptor.digest, descriptor);
        continue;
      }
      manifests.set(descriptor.digest, child);
      waiting.push(child);
    }
  }
  return { root, manifests: [...manifests.values()], blobs: [...blobs.values()], missing: [...missing.values()] };
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

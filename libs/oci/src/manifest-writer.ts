import { ArchiveError } from '@envarium/errors';
import type { Descriptor } from './descriptor.js';
import { digestOf, type Digest } from './digest.js';
import { MANIFEST_MAX_SIZE } from './manifest.js';
import { OCI_IMAGE_MANIFEST } from './media-types.js';

export interface ImageManifestInput {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly artifactType?: string;
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A document with its name. `bytes` are what the digest names; nobody may write them anew. */
export interface EncodedManifest {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly digest: Digest;
  readonly descriptor: Descriptor;
}

/**
 * Writes an OCI image manifest. Fields stand in the order in which Go's image-spec types write them, annotations in order of
 * their keys, without spaces: the same image gives the same digest here as from tools built on those types.
 * https://github.com/opencontainers/image-spec/blob/main/specs-go/v1/manifest.go
 * @throws ArchiveError MANIFEST_TOO_LARGE
 */
export function encodeImageManifest(input: ImageManifestInput): EncodedManifest {
  const { artifactType, config, layers, subject, annotations } = input;
  const bytes = encodeJson({
    schemaVersion: 2,
    mediaType: OCI_IMAGE_MANIFEST,
    artifactType,
    config: orderedDescriptor(config),
    layers: layers.map(orderedDescriptor),
    subject: subject && orderedDescriptor(subject),
    annotations: annotations && sortedByKey(annotations),
  });
  if (bytes.length > MANIFEST_MAX_SIZE) {
    throw new ArchiveError('MANIFEST_TOO_LARGE', { size: bytes.length, limit: MANIFEST_MAX_SIZE });
  }
  const digest = digestOf(bytes);
  const descriptor: Descriptor = {
    mediaType: OCI_IMAGE_MANIFEST,
    digest,
    size: bytes.length,
    ...(artifactType !== undefined && { artifactType }),
  };
  return { bytes, mediaType: OCI_IMAGE_MANIFEST, digest, descriptor };
}

/** UTF-8 JSON without spaces; members that are undefined are left out. */
export function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function orderedDescriptor(descriptor: Descriptor): object {
  const { mediaType, digest, size, urls, annotations, data, platform, artifactType, ...others } = descriptor;
  return {
    mediaType,
    digest,
    size,
    urls: urls ?? undefined,
    annotations: annotations ? sortedByKey(annotations) : undefined,
    data,
    platform,
    artifactType,
    ...others,
  };
}

function sortedByKey(annotations: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

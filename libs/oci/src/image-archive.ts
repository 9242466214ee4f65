import { ANNOTATION_CONTAINERD_IMAGE_NAME, ANNOTATION_REF_NAME } from './annotations.js';
import { blobPath } from './blob-path.js';
import type { Descriptor } from './descriptor.js';
import { createDigester, digestAlgorithm, type Digest } from './digest.js';
import type { ParsedManifest } from './manifest.js';
import { encodeJson } from './manifest-writer.js';
import { isImageConfigType } from './media-types.js';
import { parseReference } from './reference.js';
import { tarHeader, tarLength, type TarBody, type TarInput } from './tar-writer.js';

/** The name under which tools find an image: in full, and the tag alone. */
export interface ImageName {
  readonly repository: string;
  readonly tag: string;
}

/** What is written of a descriptor; whoever opens content needs no more. */
export type ContentDescriptor = Pick<Descriptor, 'mediaType' | 'digest' | 'size'>;

/** An image manifest or index of an image, read. */
export interface ArchivedManifest {
  readonly descriptor: ContentDescriptor & Pick<Descriptor, 'platform'>;
  readonly parsed: ParsedManifest;
}

export interface ImageArchiveInput {
  /** The root first, then all below it, each digest once. */
  readonly manifests: readonly [ArchivedManifest, ...ArchivedManifest[]];
  /** Configs, layers and other blobs, each digest once. */
  readonly blobs: readonly ContentDescriptor[];
  readonly name: ImageName | null;
}

/** A tar of which everything is known before the first blob is read. */
export interface ImageArchive {
  /** For `tarEntries` and `tarRange`. */
  readonly entries: readonly TarInput[];
  /** What will be opened for it, in this order. */
  readonly contents: readonly ContentDescriptor[];
  /** Bytes of the tar. */
  readonly length: number;
  /** The same for the same bytes: an entity tag. Not the digest of the tar, which would have to be read for it. */
  readonly identity: Digest;
}

/** https://github.com/opencontainers/image-spec/blob/main/image-layout.md#oci-layout-file */
export const OCI_LAYOUT = JSON.stringify({ imageLayoutVersion: '1.0.0' });

/**
 * One tar for all: an OCI image layout, and beside it the `manifest.json` of `docker save`, whose paths lead into the layout.
 * Equal images under equal names give equal bytes.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 * https://github.com/moby/docker-image-spec/blob/main/v1.3.md#combined-image-json--filesystem-changeset-format
 * @param open content of one of the manifests or blobs, or a part of it
 */
export function layOutImageArchive(
  { manifests, blobs, name }: ImageArchiveInput,
  open: (descriptor: ContentDescriptor, ...range: Parameters<TarBody>) => ReturnType<TarBody>,
): ImageArchive {
  const named = [...manifests.map(({ descriptor }) => descriptor), ...blobs];
  const contents = [...new Map(named.map((content) => [content.digest, content])).values()];
  const image = loadableImage(manifests);
  const entries: TarInput[] = [
    // Apptainer does not find blobs whose directories are not members themselves.
    { path: 'blobs/', type: 'directory' },
    ...[...new Set(['sha256', ...contents.map(({ digest }) => digestAlgorithm(digest))])].map(
      (algorithm): TarInput => ({ path: `blobs/${algorithm}/`, type: 'directory' }),
    ),
    document('oci-layout', Buffer.from(OCI_LAYOUT)),
    document('index.json', encodeLayoutIndex(manifests[0].descriptor, name)),
    ...(image === null ? [] : [document('manifest.json', encodeDockerManifest(image, name))]),
    ...contents.map((content): TarInput => ({
      path: blobPath(content.digest),
      size: content.size,
      body: (range) => open(content, range),
    })),
  ];
  return { entries, contents, length: tarLength(entries), identity: identityOf(entries) };
}

/** https://github.com/opencontainers/image-spec/blob/main/image-layout.md#indexjson-file */
export function encodeLayoutIndex({ mediaType, digest, size }: ContentDescriptor, name: ImageName | null): Uint8Array {
  const annotations = name && {
    [ANNOTATION_CONTAINERD_IMAGE_NAME]: normalizedName(name),
    [ANNOTATION_REF_NAME]: name.tag,
  };
  return encodeJson({
    schemaVersion: 2,
    manifests: [{ mediaType, digest, size, ...(annotations && { annotations }) }],
  });
}

/**
 * The image of which `manifest.json` can speak, as that knows no platforms: the only one, or else the only one for
 * linux/amd64. Artifacts and attestations are no images that could be loaded.
 */
function loadableImage(manifests: readonly ArchivedManifest[]): ParsedManifest | null {
  const images = manifests.filter(
    ({ descriptor, parsed }) =>
      isImageConfigType(parsed.config?.mediaType ?? '') && descriptor.platform?.os !== 'unknown',
  );
  if (images.length <= 1) return images[0]?.parsed ?? null;
  const usual = images.filter(
    ({ descriptor: { platform } }) => platform?.os === 'linux' && platform.architecture === 'amd64',
  );
  return usual.length === 1 ? (usual[0]?.parsed ?? null) : null;
}

function encodeDockerManifest({ config, layers }: ParsedManifest, name: ImageName | null): Uint8Array {
  return encodeJson([
    {
      Config: config && blobPath(config.digest),
      RepoTags: name === null ? [] : [fullName(name)],
      Layers: layers.map(({ digest }) => blobPath(digest)),
    },
  ]);
}

function fullName({ repository, tag }: ImageName): string {
  return `${repository}:${tag}`;
}

/**
 * As docker keeps it: with a containerd store it takes this name as it is, and later looks for the one with a host.
 * https://github.com/distribution/reference/blob/main/normalize.go
 */
function normalizedName(name: ImageName): string {
  const full = fullName(name);
  if (parseReference(full).host !== null) return full;
  return `docker.io/${name.repository.includes('/') ? '' : 'library/'}${full}`;
}

/** Headers and documents say it all: contents are named by their digests in them. */
function identityOf(entries: readonly TarInput[]): Digest {
  const digester = createDigester();
  for (const entry of entries) {
    digester.update(tarHeader(entry));
    if (entry.body instanceof Uint8Array) digester.update(entry.body);
  }
  return digester.digest();
}

function document(path: string, bytes: Uint8Array): TarInput {
  return { path, size: bytes.length, body: bytes };
}

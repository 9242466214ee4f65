import type { Descriptor } from './descriptor.js';
import { createDigester, digestOf, type Digest } from './digest.js';
import { gzip } from './gzip.js';
import { layOutImageArchive, type ImageName } from './image-archive.js';
import type { ContainerConfig } from './image-config.js';
import { parseManifest } from './manifest.js';
import { encodeImageManifest, encodeJson, type EncodedManifest } from './manifest-writer.js';
import { OCI_IMAGE_CONFIG, OCI_LAYER_TAR_GZIP } from './media-types.js';
import { tarEntries, type TarInput } from './tar-writer.js';
import { verifyContent } from './verified-content.js';

/** Content with its descriptor. `content` can be opened again and again and is checked each time. */
export interface BuiltBlob {
  readonly descriptor: Descriptor;
  readonly content: () => AsyncIterable<Uint8Array>;
}

export interface BuiltLayer extends BuiltBlob {
  /** Digest of the layer before compression. */
  readonly diffId: Digest;
}

export interface BuiltImage {
  readonly manifest: EncodedManifest;
  readonly config: BuiltBlob;
  /** In the order of the image manifest, from the base up. */
  readonly layers: readonly BuiltLayer[];
  /** Config and layers, each digest once. */
  readonly blobs: readonly BuiltBlob[];
}

export interface ImageInput {
  readonly layers: readonly BuiltLayer[];
  /** `rootfs` follows from the layers. */
  readonly config: {
    readonly architecture: string;
    readonly os: string;
    readonly variant?: string;
    /** RFC 3339 */
    readonly created?: string;
    readonly config?: ContainerConfig;
  };
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Makes a gzip layer in constant memory by writing it twice: once to learn its digests, and again whenever `content` is
 * read; bodies given as functions are opened both times.
 * @throws ArchiveError SIZE_INVALID or DIGEST_INVALID from `content` when a body has changed in between
 */
export async function buildLayer(entries: readonly TarInput[]): Promise<BuiltLayer> {
  const uncompressed = createDigester();
  const compressed = createDigester();
  async function* observed(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of tarEntries(entries)) {
      uncompressed.update(chunk);
      yield chunk;
    }
  }
  for await (const chunk of gzip(observed())) compressed.update(chunk);

  const descriptor = { mediaType: OCI_LAYER_TAR_GZIP, digest: compressed.digest(), size: compressed.size };
  return {
    descriptor,
    diffId: uncompressed.digest(),
    content: () => verifyContent(gzip(tarEntries(entries)), descriptor),
  };
}

export function buildImage(input: ImageInput): BuiltImage {
  const { architecture, os, variant, created, config } = input.config;
  const configBytes = encodeJson({
    created,
    architecture,
    os,
    variant,
    config: config ?? {},
    rootfs: { type: 'layers', diff_ids: input.layers.map(({ diffId }) => diffId) },
  });
  const configBlob = bytesBlob(OCI_IMAGE_CONFIG, configBytes);
  const manifest = encodeImageManifest({
    config: configBlob.descriptor,
    layers: input.layers.map(({ descriptor }) => descriptor),
    ...(input.annotations && { annotations: input.annotations }),
  });
  const blobs = new Map([configBlob, ...input.layers].map((blob) => [blob.descriptor.digest, blob]));
  return { manifest, config: configBlob, layers: input.layers, blobs: [...blobs.values()] };
}

/**
 * The members of an OCI image layout that `docker load` reads too; give them to `tarEntries` and `tarLength`.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 * @param name full name of the image with its tag, as in `lab/eeg-analysis:v3`
 */
export function ociArchiveEntries(image: BuiltImage, name?: ImageName): TarInput[] {
  const { manifest, blobs } = image;
  const contents = new Map(blobs.map(({ descriptor, content }) => [descriptor.digest, content]));
  const { entries } = layOutImageArchive(
    {
      manifests: [{ descriptor: manifest.descriptor, parsed: parseManifest(manifest.bytes) }],
      blobs: blobs.map(({ descriptor }) => descriptor),
      name: name ?? null,
    },
    ({ digest }) => contents.get(digest)?.() ?? once(manifest.bytes),
  );
  return [...entries];
}

function bytesBlob(mediaType: string, bytes: Uint8Array): BuiltBlob {
  return {
    descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length },
    content: () => once(bytes),
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

import { ArchiveError } from '@envarium/errors';
import { z } from 'zod';
import type { Descriptor } from '../descriptor.js';
import { createDigester, digestAlgorithm, digestOf, type Digest } from '../digest.js';
import { parseImageConfig } from '../image-config.js';
import { encodeImageManifest } from '../manifest-writer.js';
import { MANIFEST_MAX_SIZE } from '../manifest.js';
import { OCI_IMAGE_CONFIG, OCI_LAYER_TAR, OCI_LAYER_TAR_GZIP, OCI_LAYER_TAR_ZSTD } from '../media-types.js';
import { bytesSource, readAll, streamSource, type RandomAccessSource } from '../random-access.js';
import { indexTar } from '../tar-index.js';
import { assertUncompressed, detectCompression } from './compression.js';
import { readJsonFile, tarFileTree, type FileTree } from './file-tree.js';
import { gatherImage, selectImage, type ImageSelection, type ImageSource } from './image-source.js';
import { openOciLayout } from './oci-layout.js';

/** https://github.com/moby/docker-image-spec/blob/main/v1.3.md#combined-image-json--filesystem-changeset-format */
const DockerImage = z.looseObject({
  Config: z.string().min(1),
  RepoTags: z.array(z.string()).nullish(),
  Layers: z.array(z.string()).nullable(),
});
type DockerImage = z.infer<typeof DockerImage>;

const LAYER_TYPES = { none: OCI_LAYER_TAR, gzip: OCI_LAYER_TAR_GZIP, zstd: OCI_LAYER_TAR_ZSTD } as const;

/** `<hex>.json` of docker, `sha256:<hex>` of others: names that are a promise about the content. */
const CONFIG_NAME = /^(?:.*\/)?(?:sha256:)?([0-9a-f]{64})(?:\.json)?$/;

interface Blob {
  readonly descriptor: Descriptor;
  readonly content: RandomAccessSource;
}

/**
 * Reads what `docker save` writes. Archives of Docker 25 and later contain an OCI layout and are read as that, digests
 * unchanged. Older ones hold no image manifest: one is made over config and layers as they lie in the archive, always the
 * same for the same archive, and the result says `isDigestDerived`.
 * @throws ArchiveError as `openOciLayout` does; DIGEST_INVALID when a config or an uncompressed layer is not what its name
 *   or diffID says
 */
export async function openDockerArchive(
  source: RandomAccessSource,
  selection: ImageSelection = {},
): Promise<ImageSource> {
  await assertUncompressed(source);
  const files = tarFileTree(source, await indexTar(source));
  if ((await files.open('oci-layout')) !== null) return openOciLayout(files, selection);

  const images = await readJsonFile(files, 'manifest.json', z.array(DockerImage));
  if (images === null) {
    // Docker before 1.10 wrote `repositories` and one JSON per layer: an image without a config, and without any digest.
    const isBefore110 = (await files.open('repositories')) !== null;
    throw new ArchiveError('ARCHIVE_INVALID', {
      reason: isBefore110 ? 'docker-before-1.10' : 'file-missing',
      path: 'manifest.json',
    });
  }
  const listed = images.map((image) => ({ image, names: image.RepoTags ?? [], id: image.Config }));
  return deriveImage(files, selectImage(listed, selection));
}

async function deriveImage(files: FileTree, image: DockerImage): Promise<ImageSource> {
  const config = await openFile(files, image.Config);
  if (config.size > MANIFEST_MAX_SIZE) {
    throw new ArchiveError('MANIFEST_INVALID', { reason: 'config-too-large', size: config.size });
  }
  const configBytes = await readAll(config);
  const configDigest = digestOf(configBytes);
  const named = CONFIG_NAME.exec(image.Config)?.[1];
  if (named !== undefined && configDigest !== `sha256:${named}`) {
    throw new ArchiveError('DIGEST_INVALID', { path: image.Config, expected: `sha256:${named}`, actual: configDigest });
  }

  const diffIds = parseImageConfig(configBytes).rootfs.diff_ids ?? [];
  const paths = image.Layers ?? [];
  if (paths.length !== diffIds.length) {
    throw new ArchiveError('ARCHIVE_INVALID', { reason: 'layer-count', layers: paths.length, diffIds: diffIds.length });
  }
  const configDescriptor = { mediaType: OCI_IMAGE_CONFIG, digest: configDigest, size: config.size };
  const blobs = new Map<Digest, RandomAccessSource>([[configDigest, config]]);
  const layers: Descriptor[] = [];
  for (const [index, path] of paths.entries()) {
    const { descriptor, content } = await openLayer(files, path, diffIds[index]);
    layers.push(descriptor);
    blobs.set(descriptor.digest, content);
  }

  const derived = encodeImageManifest({ config: configDescriptor, layers });
  blobs.set(derived.digest, bytesSource(derived.bytes));
  return gatherImage(derived.descriptor, async (digest) => blobs.get(digest) ?? null, true);
}

/** Compressed layers (of tools other than docker) keep their bytes; only an uncompressed one can be held against its diffID. */
async function openLayer(files: FileTree, path: string, diffId: Digest | undefined): Promise<Blob> {
  const content = await openFile(files, path);
  const digester = createDigester(diffId && digestAlgorithm(diffId));
  for await (const chunk of streamSource(content)) digester.update(chunk);
  const digest = digester.digest();
  const compression = digest === diffId ? null : await detectCompression(content);
  if (compression === null && digest !== diffId) {
    throw new ArchiveError('DIGEST_INVALID', { path, expected: diffId, actual: digest });
  }
  if (compression === 'xz' || compression === 'bzip2') {
    throw new ArchiveError('ARCHIVE_INVALID', { reason: 'layer-compression', path, compression });
  }
  return { descriptor: { mediaType: LAYER_TYPES[compression ?? 'none'], digest, size: content.size }, content };
}

async function openFile(files: FileTree, path: string): Promise<RandomAccessSource> {
  const source = await files.open(path);
  if (source === null) throw new ArchiveError('ARCHIVE_INVALID', { reason: 'file-missing', path });
  return source;
}

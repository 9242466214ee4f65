import { ArchiveError } from '@envarium/errors';
import { z } from 'zod';
import { ANNOTATION_CONTAINERD_IMAGE_NAME, ANNOTATION_REF_NAME } from '../annotations.js';
import { blobPath } from '../blob-path.js';
import type { Descriptor } from '../descriptor.js';
import { ImageIndex } from '../manifest-schema.js';
import type { RandomAccessSource } from '../random-access.js';
import { indexTar } from '../tar-index.js';
import { assertUncompressed } from './compression.js';
import { readJsonFile, tarFileTree, type FileTree } from './file-tree.js';
import { gatherImage, selectImage, type ImageSelection, type ImageSource } from './image-source.js';

/** https://github.com/opencontainers/image-spec/blob/main/image-layout.md#oci-layout-file */
const OciLayout = z.looseObject({ imageLayoutVersion: z.string() });
const SUPPORTED_VERSION = /^1\.\d+\.\d+$/;

/**
 * Reads an OCI image layout: a directory, or the inside of an archive.
 * @throws ArchiveError ARCHIVE_INVALID when it is not a layout of version 1 or it is not clear which image is meant; and what
 *   `gatherImage` throws
 */
export async function openOciLayout(files: FileTree, selection: ImageSelection = {}): Promise<ImageSource> {
  const layout = await readJsonFile(files, 'oci-layout', OciLayout);
  if (layout === null) throw new ArchiveError('ARCHIVE_INVALID', { reason: 'file-missing', path: 'oci-layout' });
  const version = layout.imageLayoutVersion;
  if (!SUPPORTED_VERSION.test(version)) {
    throw new ArchiveError('ARCHIVE_INVALID', { reason: 'layout-version', version, supported: '1.x' });
  }
  const index = await readJsonFile(files, 'index.json', ImageIndex);
  if (index === null) throw new ArchiveError('ARCHIVE_INVALID', { reason: 'file-missing', path: 'index.json' });

  const listed = (index.manifests ?? []).map((image) => ({ image, names: namesOf(image), id: image.digest }));
  return gatherImage(selectImage(listed, selection), (digest) => files.open(blobPath(digest)));
}

/** Reads an image layout in a tar (`oci-archive:` of skopeo and podman). */
export async function openOciArchive(source: RandomAccessSource, selection: ImageSelection = {}): Promise<ImageSource> {
  await assertUncompressed(source);
  return openOciLayout(tarFileTree(source, await indexTar(source)), selection);
}

function namesOf(image: Descriptor): string[] {
  const { annotations } = image;
  return [annotations?.[ANNOTATION_REF_NAME], annotations?.[ANNOTATION_CONTAINERD_IMAGE_NAME]].filter(
    (name) => name !== undefined,
  );
}

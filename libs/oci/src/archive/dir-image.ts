import { ArchiveError } from '@envarium/errors';
import { digestEncoded, digestOf } from '../digest.js';
import { MANIFEST_MAX_SIZE, parseManifest } from '../manifest.js';
import { bytesSource, readAll } from '../random-access.js';
import type { FileTree } from './file-tree.js';
import { gatherImage, type ImageSource } from './image-source.js';

/**
 * Reads what `skopeo copy ... dir:` and `podman save --format docker-dir` write: the image manifest as it came, and each
 * content in a file of its hexadecimal digest; the images of an index have `.manifest.json` behind it.
 * https://github.com/containers/image/blob/main/docs/containers-transports.5.md#dirpath
 * @throws ArchiveError ARCHIVE_INVALID without `manifest.json`, and what `gatherImage` throws
 */
export async function openDirImage(files: FileTree): Promise<ImageSource> {
  const file = await files.open('manifest.json');
  if (file === null) throw new ArchiveError('ARCHIVE_INVALID', { reason: 'file-missing', path: 'manifest.json' });
  if (file.size > MANIFEST_MAX_SIZE) {
    throw new ArchiveError('MANIFEST_TOO_LARGE', { size: file.size, limit: MANIFEST_MAX_SIZE });
  }
  const bytes = await readAll(file);
  const { mediaType } = parseManifest(bytes);
  const root = { mediaType, digest: digestOf(bytes), size: bytes.length };
  return await gatherImage(root, async (digest) => {
    if (digest === root.digest) return bytesSource(bytes);
    const name = digestEncoded(digest);
    return (await files.open(`${name}.manifest.json`)) ?? (await files.open(name));
  });
}

import { createWriteStream, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { blobPath, isImageManifestType, parseManifest, tarEntries, type TarInput, verifyContent } from '@envarium/oci';
import type { RegistryClient } from '../client/registry-client.js';
import { usageError } from '../failure.js';
import { counted, type Progress } from '../progress.js';
import type { ImageClosure } from './image-closure.js';
import { layoutIndex, type LayoutName, OCI_LAYOUT } from './layout-documents.js';

/** Writes an image layout into one tar, which docker, podman, skopeo and ctr load. Blobs go through, not into memory. */
export async function writeArchive(
  registry: RegistryClient,
  repository: string,
  closure: ImageClosure,
  file: string,
  name: LayoutName,
  progress: Progress,
): Promise<void> {
  if (existsSync(file)) throw usageError(`${file} exists already`, 'Remove it, or name another file with --tar.');
  const blobs: TarInput[] = closure.blobs.map((blob) => ({
    path: blobPath(blob.digest),
    size: blob.size,
    body: () => counted(verifyContent(registry.blob(repository, blob.digest), blob), progress),
  }));
  const unfinished = `${file}.${process.pid}.tmp`;
  try {
    await pipeline(tarEntries([...documents(closure, name), ...blobs]), createWriteStream(unfinished));
    await rename(unfinished, file);
  } finally {
    await rm(unfinished, { force: true });
  }
}

function documents(closure: ImageClosure, name: LayoutName): TarInput[] {
  const docker = dockerManifest(closure, name);
  return [
    // Apptainer does not find blobs whose directories are not members themselves.
    { path: 'blobs/', type: 'directory' },
    { path: 'blobs/sha256/', type: 'directory' },
    entry('oci-layout', Buffer.from(OCI_LAYOUT)),
    entry('index.json', Buffer.from(layoutIndex(closure.root, name))),
    ...(docker === null ? [] : [entry('manifest.json', Buffer.from(JSON.stringify(docker)))]),
    ...closure.manifests.map(({ digest, bytes }) => entry(blobPath(digest), bytes)),
  ];
}

/** What Docker before version 25 reads; it knows no index. */
function dockerManifest({ root }: ImageClosure, { repository, tag }: LayoutName): object | null {
  if (!isImageManifestType(root.mediaType)) return null;
  const { config, layers } = parseManifest(root.bytes, root.mediaType);
  if (config === null) return null;
  return [
    {
      Config: blobPath(config.digest),
      RepoTags: [`${repository}:${tag}`],
      Layers: layers.map(({ digest }) => blobPath(digest)),
    },
  ];
}

function entry(path: string, bytes: Uint8Array): TarInput {
  return { path, size: bytes.length, body: bytes };
}

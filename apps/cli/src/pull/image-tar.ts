import { createWriteStream, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { type ImageArchive, layOutImageArchive, type ImageName, tarEntries, verifyContent } from '@envarium/oci';
import type { RegistryClient } from '../client/registry-client.js';
import { EXIT } from '../exit-codes.js';
import { CommandFailed, usageError } from '../failure.js';
import { counted, type Progress } from '../progress.js';
import type { ImageClosure } from './image-closure.js';

/**
 * The tar that the server gives as `image.tar`, byte for byte, with every digest checked here. Blobs go through, not into
 * memory; a broken connection goes on where it broke.
 * @throws CommandFailed when not all of the image is here: docker would refuse the rest
 */
export function layOutTar(
  registry: RegistryClient,
  repository: string,
  closure: ImageClosure,
  name: ImageName,
  progress: Progress,
): ImageArchive {
  const { manifests, blobs, missing, elsewhere } = closure;
  const absent = [...missing, ...elsewhere].map(({ digest }) => digest);
  if (absent.length > 0) throw notPortable(absent);
  const documents = new Map(manifests.map(({ descriptor, bytes }) => [descriptor.digest, bytes]));
  return layOutImageArchive({ manifests, blobs, name }, (content) => {
    const bytes = documents.get(content.digest);
    const stream = bytes === undefined ? registry.blob(repository, content.digest) : once(bytes);
    return counted(verifyContent(stream, content), progress);
  });
}

/** Written under another name until it is whole and on the disk. */
export async function writeTarFile({ entries }: ImageArchive, file: string): Promise<void> {
  if (existsSync(file)) throw usageError(`${file} exists already`, 'Remove it, or name another file with --tar.');
  const unfinished = `${file}.${process.pid}.tmp`;
  try {
    await pipeline(tarEntries(entries), createWriteStream(unfinished, { flush: true }));
    await rename(unfinished, file);
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** For a pipe: `envarium pull lab/eeg@v1 --tar - | docker load`. A failure breaks the tar off, and no reader takes it for whole. */
export async function writeTarStream({ entries }: ImageArchive, stream: NodeJS.WritableStream): Promise<void> {
  await pipeline(tarEntries(entries), stream, { end: false });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

function notPortable(absent: readonly string[]): CommandFailed {
  return new CommandFailed({
    exitCode: EXIT.failure,
    code: 'IMAGE_NOT_PORTABLE',
    title: 'parts of this image are not archived here, so it cannot be one tar',
    remedy: 'Pull what is here as a layout: leave --tar out.',
    detail: { absent: absent.slice(0, 20) },
  });
}

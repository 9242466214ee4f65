import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ArchiveError } from '@envarium/errors';
import {
  blobPath,
  type ContentClaim,
  type Descriptor,
  digestOf,
  encodeLayoutIndex,
  type ImageName,
  OCI_LAYOUT,
  verifyContent,
} from '@envarium/oci';
import type { RegistryClient } from '../client/registry-client.js';
import { usageError } from '../failure.js';
import { counted, type Progress } from '../progress.js';
import type { ImageClosure, PulledManifest } from './image-closure.js';

/**
 * Writes an image layout. What is there and correct is kept, a blob that was begun is continued; `index.json` comes
 * last, so that a layout which can be opened is complete.
 * @returns bytes that were fetched
 */
export async function writeLayout(
  registry: RegistryClient,
  repository: string,
  closure: ImageClosure,
  directory: string,
  name: ImageName,
  progress: Progress,
): Promise<number> {
  const [root] = closure.manifests;
  await assertUsable(directory, root);
  await mkdir(path.join(directory, 'blobs', 'sha256'), { recursive: true });
  let fetched = 0;
  for (const blob of closure.blobs) {
    if (await fetchBlob(registry, repository, blob, directory, progress)) fetched += blob.size;
  }
  for (const { descriptor, bytes } of closure.manifests) {
    await writeDurably(path.join(directory, blobPath(descriptor.digest)), bytes);
  }
  await writeDurably(path.join(directory, 'oci-layout'), OCI_LAYOUT);
  await writeDurably(path.join(directory, 'index.json'), encodeLayoutIndex(root.descriptor, name));
  return fetched;
}

/** Somebody's other files are never mixed with a layout, nor is another image taken out of its index. */
async function assertUsable(directory: string, { descriptor }: PulledManifest): Promise<void> {
  const names: string[] = await readdir(directory).catch(() => []);
  const foreign = names.filter((name) => !['blobs', 'index.json', 'oci-layout'].includes(name));
  if (foreign.length > 0) throw usageError(`${directory} is not empty`, 'Name another directory with --output.');
  if (!names.includes('index.json')) return;
  const index = await readFile(path.join(directory, 'index.json'), 'utf8');
  if (!index.includes(descriptor.digest))
    throw usageError(`${directory} holds another image`, 'Name another directory with --output.');
}

async function fetchBlob(
  registry: RegistryClient,
  repository: string,
  blob: Descriptor,
  directory: string,
  progress: Progress,
): Promise<boolean> {
  const target = path.join(directory, blobPath(blob.digest));
  await mkdir(path.dirname(target), { recursive: true });
  if (await isCorrect(target, blob)) {
    progress.add(blob.size);
    return false;
  }
  const partial = `${target}.partial`;
  const begun = await sizeOf(partial);
  const from = begun < blob.size ? begun : 0;
  async function* content(): AsyncGenerator<Uint8Array, void, undefined> {
    if (from > 0) yield* createReadStream(partial);
    yield* registry.blob(repository, blob.digest, from);
  }
  try {
    const verified = counted(verifyContent(content(), blob), progress);
    await pipeline(withoutFirst(verified, from), createWriteStream(partial, { flags: from > 0 ? 'a' : 'w' }));
  } catch (error) {
    // Bytes that are not the right ones are nothing to go on from.
    if (error instanceof ArchiveError) await rm(partial, { force: true });
    throw error;
  }
  await rename(partial, target);
  return true;
}

async function* withoutFirst(
  content: AsyncIterable<Uint8Array>,
  length: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let left = length;
  for await (const chunk of content) {
    if (chunk.length > left) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}

async function sizeOf(file: string): Promise<number> {
  return await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Reads the file: only bytes that were read prove anything. */
async function isCorrect(file: string, claim: ContentClaim): Promise<boolean> {
  const found = await stat(file).catch(() => null);
  if (found === null || found.size !== claim.size) return false;
  try {
    for await (const _ of verifyContent(createReadStream(file), claim));
    return true;
  } catch {
    return false;
  }
}

async function writeDurably(file: string, content: string | Uint8Array): Promise<void> {
  const bytes = Buffer.from(content);
  const found = await readFile(file).catch(() => null);
  if (found !== null && digestOf(found) === digestOf(bytes)) return;
  await mkdir(path.dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}.tmp`;
  await writeFile(unfinished, bytes);
  await rename(unfinished, file);
}

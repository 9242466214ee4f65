import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open, rm, stat, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { ArchiveError } from '@envarium/errors';
import {
  detectCompression,
  type FileTree,
  type ImageSource,
  openDirImage,
  openDockerArchive,
  openOciArchive,
  openOciLayout,
  type Platform,
  type RandomAccessSource,
  selectSourceImage,
} from '@envarium/oci';
import type { ImageArgument } from './image-argument.js';

export interface OpenedImage {
  readonly image: ImageSource;
  close(): Promise<void>;
}

/**
 * Opens an image where it lies; nothing is unpacked but an archive as a whole that was compressed.
 * @param platform of an index only this image
 * @throws ArchiveError ARCHIVE_INVALID and others of `@envarium/oci`
 */
export async function openImage(
  argument: Exclude<ImageArgument, { kind: 'registry' }>,
  platform: Platform | null = null,
): Promise<OpenedImage> {
  const closings: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const each of closings.toReversed()) await each();
  };
  try {
    const image = await readImage(argument, closings);
    return { image: platform === null ? image : await selectSourceImage(image, platform), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function readImage(
  argument: Exclude<ImageArgument, { kind: 'registry' }>,
  closings: (() => Promise<void>)[],
): Promise<ImageSource> {
  if (argument.kind === 'dir') return await openDirImage(directoryTree(argument.path));
  const selection = argument.name === null ? {} : { name: argument.name };
  if (argument.kind === 'oci') return await openOciLayout(directoryTree(argument.path), selection);
  const packed = await fileSource(argument.path, closings);
  const isGzip = (await detectCompression(packed)) === 'gzip';
  const source = isGzip ? await fileSource(await gunzip(argument.path, closings), closings) : packed;
  return await (argument.kind === 'oci-archive' ? openOciArchive : openDockerArchive)(source, selection);
}

/** `docker save IMAGE | gzip` is a habit of many. Archives are read at random, so it is written out once. */
async function gunzip(file: string, closings: (() => Promise<void>)[]): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'envarium-archive-'));
  closings.push(() => rm(directory, { recursive: true, force: true }));
  const unpacked = path.join(directory, 'archive.tar');
  try {
    await pipeline(createReadStream(file), createGunzip(), createWriteStream(unpacked));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!code.startsWith('Z_')) throw error;
    const reason = code === 'Z_BUF_ERROR' ? 'truncated' : 'compression-damaged';
    throw new ArchiveError('ARCHIVE_INVALID', { reason, path: file }, { cause: error });
  }
  return unpacked;
}

/** Files of a directory; each is opened for the time of one read, as a layout may have thousands of blobs. */
export function directoryTree(directory: string): FileTree {
  return {
    async open(inside) {
      const file = path.join(directory, ...inside.split('/'));
      const found = await stat(file).catch(() => null);
      if (found === null || !found.isFile()) return null;
      return { size: found.size, read: (offset, length) => readOnce(file, offset, length) };
    },
  };
}

async function readOnce(file: string, offset: number, length: number): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    return await readAt(handle, offset, length);
  } finally {
    await handle.close();
  }
}

async function fileSource(file: string, closings: (() => Promise<void>)[]): Promise<RandomAccessSource> {
  const handle = await open(file);
  closings.push(() => handle.close());
  const { size } = await handle.stat();
  return { size, read: (offset, length) => readAt(handle, offset, length) };
}

/** A file that has become shorter gives fewer bytes, which the reader takes for truncation. */
async function readAt(handle: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

import { open, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import {
  type FileTree,
  type ImageSource,
  openDockerArchive,
  openOciArchive,
  openOciLayout,
  type RandomAccessSource,
} from '@envarium/oci';
import type { ImageArgument } from './image-argument.js';

export interface OpenedImage {
  readonly image: ImageSource;
  close(): Promise<void>;
}

/** Opens an image where it lies; nothing is unpacked. @throws ArchiveError ARCHIVE_INVALID and others of `@envarium/oci` */
export async function openImage(argument: Exclude<ImageArgument, { kind: 'registry' }>): Promise<OpenedImage> {
  const handles: FileHandle[] = [];
  const close = async () => {
    await Promise.all(handles.map((handle) => handle.close()));
  };
  const selection = argument.name === null ? {} : { name: argument.name };
  try {
    if (argument.kind === 'oci') return { image: await openOciLayout(directoryTree(argument.path), selection), close };
    const source = await fileSource(argument.path, handles);
    const read = argument.kind === 'oci-archive' ? openOciArchive : openDockerArchive;
    return { image: await read(source, selection), close };
  } catch (error) {
    await close();
    throw error;
  }
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

async function fileSource(file: string, handles: FileHandle[]): Promise<RandomAccessSource> {
  const handle = await open(file);
  handles.push(handle);
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

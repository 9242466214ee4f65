import { gzipSync } from 'node:zlib';
import {
  buildImage,
  buildLayer,
  type BuiltLayer,
  type ContainerConfig,
  digestOf,
  OCI_LAYER_TAR,
  OCI_LAYER_TAR_GZIP,
  type TarInput,
} from '@envarium/oci';
import { type FileListing } from '../file-listing.js';
import type { ImageInput } from '../image-input.js';
import { listFiles } from '../list-files.js';

/** Members, or the bytes of a tar that no honest writer makes. */
export type TestLayer = readonly TarInput[] | Uint8Array;

export interface TestSettings {
  readonly config?: ContainerConfig;
  readonly architecture?: string;
  readonly created?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export async function imageOf(layers: readonly TestLayer[], settings: TestSettings = {}): Promise<ImageInput> {
  const built = await Promise.all(layers.map(async (layer) => (layer instanceof Uint8Array ? rawLayer(layer) : buildLayer(layer))));
  const { architecture = 'amd64', created, config, annotations } = settings;
  const image = buildImage({
    layers: built,
    config: { architecture, os: 'linux', ...(created !== undefined && { created }), ...(config && { config }) },
    ...(annotations && { annotations }),
  });
  return {
    manifestDigest: image.manifest.descriptor.digest,
    config: await bytesOf(image.config.content()),
    layers: built.map(({ descriptor, content }) => ({ ...descriptor, open: content })),
  };
}

export async function listingOf(layers: readonly TestLayer[], settings: TestSettings = {}): Promise<FileListing> {
  return listFiles(await imageOf(layers, settings));
}

/** @param blob as it is stored; default: the tar in gzip */
export function rawLayer(tar: Uint8Array, blob: Uint8Array = gzipSync(tar), mediaType = OCI_LAYER_TAR_GZIP): BuiltLayer {
  return {
    descriptor: { mediaType, digest: digestOf(blob), size: blob.length },
    diffId: digestOf(tar),
    content: () => streamOf(blob),
  };
}

export function plainLayer(tar: Uint8Array): BuiltLayer {
  return rawLayer(tar, tar, OCI_LAYER_TAR);
}

export function imageOfBuilt(layers: readonly BuiltLayer[]): Promise<ImageInput> {
  const image = buildImage({ layers, config: { architecture: 'amd64', os: 'linux' } });
  return bytesOf(image.config.content()).then((config) => ({
    manifestDigest: image.manifest.descriptor.digest,
    config,
    layers: layers.map(({ descriptor, content }) => ({ ...descriptor, open: content })),
  }));
}

/** `path` with its content; a slash at the end makes a directory. */
export function member(path: string, text: string = path, more: Partial<TarInput> = {}): TarInput {
  if (path.endsWith('/')) return { path, type: 'directory', ...more };
  const body = Buffer.from(text);
  return { path, size: body.length, body, ...more };
}

export async function* streamOf(bytes: Uint8Array, chunkSize = 1000): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += chunkSize) yield bytes.subarray(at, at + chunkSize);
}

export async function bytesOf(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}

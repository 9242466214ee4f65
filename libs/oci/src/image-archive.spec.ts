import { describe, expect, it } from 'vitest';
import { collect, inChunks } from './__fixtures__/raw-tar.js';
import type { Descriptor } from './descriptor.js';
import { digestOf } from './digest.js';
import { encodeLayoutIndex, layOutImageArchive, type ArchivedManifest } from './image-archive.js';
import { encodeJson } from './manifest-writer.js';
import { parseManifest } from './manifest.js';
import { readTar } from './tar-reader.js';
import { tarEntries } from './tar-writer.js';

const CONFIG = 'application/vnd.oci.image.config.v1+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const contents = new Map<string, Uint8Array>();

function content(mediaType: string, bytes: Uint8Array, algorithm: 'sha256' | 'sha512' = 'sha256'): Descriptor {
  const digest = digestOf(bytes, algorithm);
  contents.set(digest, bytes);
  return { mediaType, digest, size: bytes.length };
}

function image(text: string, platform?: string, configType = CONFIG): ArchivedManifest & { blobs: Descriptor[] } {
  const config = content(configType, Buffer.from(`{"${text}":1}`));
  const layer = content('application/vnd.oci.image.layer.v1.tar', Buffer.from(`layer of ${text}`), 'sha512');
  const bytes = encodeJson({ schemaVersion: 2, mediaType: MANIFEST, config, layers: [layer] });
  const [os = '', architecture = ''] = platform?.split('/') ?? [];
  const descriptor = { ...content(MANIFEST, bytes), ...(platform !== undefined && { platform: { os, architecture } }) };
  return { descriptor, parsed: parseManifest(bytes), blobs: [config, layer] };
}

function layOut(manifests: [ArchivedManifest, ...ArchivedManifest[]], blobs: Descriptor[], tag = 'v1') {
  return layOutImageArchive({ manifests, blobs, name: { repository: 'lab/eeg', tag } }, async function* ({ digest }) {
    yield contents.get(digest)!;
  });
}

function index(...images: (ArchivedManifest & { blobs: Descriptor[] })[]) {
  const bytes = encodeJson({
    schemaVersion: 2,
    mediaType: INDEX,
    manifests: images.map(({ descriptor }) => descriptor),
  });
  const root = { descriptor: content(INDEX, bytes), parsed: parseManifest(bytes) };
  return layOut(
    [root, ...images],
    images.flatMap(({ blobs }) => blobs),
  );
}

async function read(entries: Parameters<typeof tarEntries>[0]): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for await (const entry of readTar(inChunks(await collect(tarEntries(entries))))) {
    files.set(entry.path, await collect(entry.body));
  }
  return files;
}

const loadable = async (archive: ReturnType<typeof index>): Promise<unknown> => {
  const bytes = (await read(archive.entries)).get('manifest.json');
  return bytes === undefined ? undefined : JSON.parse(bytes.toString());
};

describe('oci/image-archive', () => {
  it('lays an image out as a layout, with a manifest.json that leads into it', async () => {
    const one = image('one');

    const { entries, length } = layOut([one], one.blobs);

    const files = await read(entries);
    const [config, layer] = one.blobs.map(({ digest }) => `blobs/${digest.replace(':', '/')}`);
    expect(await collect(tarEntries(entries))).toHaveLength(length);
    expect([...files.keys()]).toEqual([
      'blobs/',
      'blobs/sha256/',
      'blobs/sha512/',
      'oci-layout',
      'index.json',
      'manifest.json',
      `blobs/${one.descriptor.digest.replace(':', '/')}`,
      config,
      layer,
    ]);
    expect(JSON.parse(files.get('index.json')!.toString())).toEqual({
      schemaVersion: 2,
      manifests: [
        {
          ...one.descriptor,
          annotations: {
            'io.containerd.image.name': 'docker.io/lab/eeg:v1',
            'org.opencontainers.image.ref.name': 'v1',
          },
        },
      ],
    });
    expect(JSON.parse(files.get('manifest.json')!.toString())).toEqual([
      { Config: config, RepoTags: ['lab/eeg:v1'], Layers: [layer] },
    ]);
  });

  it.each([
    ['eeg', 'docker.io/library/eeg:v1'],
    ['lab/eeg', 'docker.io/lab/eeg:v1'],
    ['my.lab/eeg', 'my.lab/eeg:v1'],
    ['localhost/eeg', 'localhost/eeg:v1'],
  ])('names %s for containerd as docker will look for it: %s', (repository, expected) => {
    const index = encodeLayoutIndex(image('one').descriptor, { repository, tag: 'v1' });

    expect(JSON.parse(Buffer.from(index).toString()).manifests[0].annotations).toMatchObject({
      'io.containerd.image.name': expected,
    });
  });

  it('gives the same bytes for the same image and name, and tells others apart without reading them', async () => {
    const [one, two] = [image('one'), image('two')];

    const [a, b] = [layOut([one], one.blobs), layOut([one], one.blobs)];
    const others = [layOut([one], one.blobs, 'v2'), layOut([two], two.blobs)];

    expect(await collect(tarEntries(a.entries))).toEqual(await collect(tarEntries(b.entries)));
    expect(a.identity).toBe(b.identity);
    expect(new Set([a, ...others].map(({ identity }) => identity)).size).toBe(3);
  });

  it('holds content once that is named twice, as manifest and as blob', () => {
    const one = image('one');

    const { entries } = layOut([one], [...one.blobs, one.descriptor, ...one.blobs]);

    expect(entries.map(({ path }) => path).filter((path) => path.length > 20)).toHaveLength(3);
  });

  it.each([
    ['the only image beside its attestation', [image('a', 'linux/arm64'), image('b', 'unknown/unknown')], 'a'],
    ['the only image beside an artifact', [image('a', 'linux/arm64'), image('b', undefined, 'text/plain')], 'a'],
    ['the one for linux/amd64', [image('a', 'linux/arm64'), image('b', 'linux/amd64')], 'b'],
  ])('lets old readers load %s', async (_, images, chosen) => {
    const [manifest] = (await loadable(index(...images))) as { Config: string }[];

    expect(contents.get(manifest!.Config.slice('blobs/'.length).replace('/', ':'))?.toString()).toBe(`{"${chosen}":1}`);
  });

  it.each([
    ['no image', [image('b', undefined, 'text/plain')]],
    ['several images, none for linux/amd64', [image('a', 'linux/arm64'), image('b', 'linux/s390x')]],
    ['two for linux/amd64', [image('a', 'linux/amd64'), image('b', 'linux/amd64')]],
  ])('has no manifest.json for %s', async (_, images) => {
    expect(await loadable(index(...images))).toBeUndefined();
  });
});

import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { collect, inChunks } from './__fixtures__/raw-tar.js';
import { buildImage, buildLayer, ociArchiveEntries } from './build-image.js';
import { digestOf } from './digest.js';
import { parseImageConfig } from './image-config.js';
import { encodeImageManifest } from './manifest-writer.js';
import { parseManifest } from './manifest.js';
import { readTar } from './tar-reader.js';
import { tarEntries, tarLength, type TarInput } from './tar-writer.js';

const ENTRIES: TarInput[] = [{ path: 'hello', size: 5, body: Buffer.from('hello') }];

describe('oci/build-image', () => {
  it('makes a layer whose descriptor and diffId are true', async () => {
    const layer = await buildLayer(ENTRIES);

    const compressed = await collect(layer.content());

    expect(layer.descriptor).toEqual({
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
      digest: digestOf(compressed),
      size: compressed.length,
    });
    expect(digestOf(gunzipSync(compressed))).toBe(layer.diffId);
    expect(digestOf(await collect(tarEntries(ENTRIES)))).toBe(layer.diffId);
  });

  it('names neither time nor system in the gzip header', async () => {
    const layer = await buildLayer(ENTRIES);

    expect((await collect(layer.content())).subarray(0, 10).toString('hex')).toBe('1f8b08000000000000ff');
  });

  it('gives the same layer again, and refuses when a body has changed meanwhile', async () => {
    let text = 'first';
    const body = () => inChunks(Buffer.from(text));
    const layer = await buildLayer([{ path: 'a', size: 5, body }]);

    expect(digestOf(await collect(layer.content()))).toBe(layer.descriptor.digest);
    text = 'other';
    await expect(collect(layer.content())).rejects.toMatchObject({
      code: expect.stringMatching(/DIGEST_INVALID|SIZE_INVALID/),
    });
  });

  it('hands on the failure of a body', async () => {
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('abc');
      throw new Error('disk on fire');
    };

    await expect(buildLayer([{ path: 'a', size: 5, body: failing }])).rejects.toThrow('disk on fire');
  });

  it('makes an image that its own readers take, each blob once', async () => {
    const layer = await buildLayer(ENTRIES);
    const image = buildImage({
      layers: [layer, layer],
      config: { architecture: 'arm64', os: 'linux', variant: 'v8', config: { Env: ['A=1'] } },
      annotations: { 'org.opencontainers.image.title': 'demo' },
    });

    const parsed = parseManifest(image.manifest.bytes, image.manifest.mediaType);
    const config = parseImageConfig(await collect(image.config.content()));

    expect(image.manifest.digest).toBe(digestOf(image.manifest.bytes));
    expect(parsed.config).toEqual(image.config.descriptor);
    expect(parsed.layers).toEqual([layer.descriptor, layer.descriptor]);
    expect(parsed.annotations).toEqual({ 'org.opencontainers.image.title': 'demo' });
    expect([config.architecture, config.variant, config.rootfs.diff_ids]).toEqual([
      'arm64',
      'v8',
      [layer.diffId, layer.diffId],
    ]);
    expect(image.blobs.map(({ descriptor }) => descriptor.digest)).toEqual([
      image.config.descriptor.digest,
      layer.descriptor.digest,
    ]);
  });

  it('lists the members of an archive that OCI tools, docker and apptainer read', async () => {
    const layer = await buildLayer(ENTRIES);
    const image = buildImage({ layers: [layer, layer], config: { architecture: 'amd64', os: 'linux' } });
    const entries = ociArchiveEntries(image, { repository: 'lab/eeg', tag: 'v3' });
    const hex = (digest: string) => digest.slice('sha256:'.length);

    const files = new Map<string, string>();
    const tar = await collect(tarEntries(entries));
    for await (const entry of readTar(inChunks(tar))) files.set(entry.path, (await collect(entry.body)).toString());

    const [config, layerPath] = [image.config, layer].map(({ descriptor }) => `blobs/sha256/${hex(descriptor.digest)}`);
    expect(tar).toHaveLength(tarLength(entries));
    expect([...files.keys()]).toEqual([
      'blobs/',
      'blobs/sha256/',
      'oci-layout',
      'index.json',
      'manifest.json',
      `blobs/sha256/${hex(image.manifest.digest)}`,
      config,
      layerPath,
    ]);
    expect(files.get('oci-layout')).toBe('{"imageLayoutVersion":"1.0.0"}');
    expect(JSON.parse(files.get('index.json')!).manifests[0].annotations).toEqual({
      'io.containerd.image.name': 'docker.io/lab/eeg:v3',
      'org.opencontainers.image.ref.name': 'v3',
    });
    expect(JSON.parse(files.get('manifest.json')!)).toEqual([
      { Config: config, RepoTags: ['lab/eeg:v3'], Layers: [layerPath, layerPath] },
    ]);
  });
});

describe('oci/manifest-writer', () => {
  it('writes the bytes that Go writes', () => {
    const digest = digestOf(Buffer.from('{}'));
    const { bytes, descriptor } = encodeImageManifest({
      annotations: { b: '2', a: '1' },
      subject: { size: 2, digest, mediaType: 'application/vnd.oci.image.manifest.v1+json' },
      layers: [
        { 'org.example.extra': 1, annotations: { z: '1', y: '2' }, size: 2, digest, mediaType: 'a/b', urls: null },
      ],
      config: { digest, mediaType: 'application/vnd.oci.empty.v1+json', size: 2 },
      artifactType: 'application/vnd.envarium.record.v1+json',
    });

    expect(Buffer.from(bytes).toString()).toBe(
      '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",' +
        '"artifactType":"application/vnd.envarium.record.v1+json",' +
        `"config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"${digest}","size":2},` +
        `"layers":[{"mediaType":"a/b","digest":"${digest}","size":2,"annotations":{"y":"2","z":"1"},"org.example.extra":1}],` +
        `"subject":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"${digest}","size":2},` +
        '"annotations":{"a":"1","b":"2"}}',
    );
    expect(descriptor.artifactType).toBe('application/vnd.envarium.record.v1+json');
  });

  it('refuses what a registry would not take', () => {
    expect(() =>
      encodeImageManifest({
        config: { digest: digestOf(Buffer.from('{}')), mediaType: 'a/b', size: 2 },
        layers: [],
        annotations: { a: 'x'.repeat(4 * 1024 * 1024) },
      }),
    ).toThrow(expect.objectContaining({ code: 'MANIFEST_TOO_LARGE' }));
  });
});

import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { collect } from '../__fixtures__/raw-tar.js';
import { buildImage, buildLayer, ociArchiveEntries } from '../build-image.js';
import { digestOf } from '../digest.js';
import { bytesSource } from '../random-access.js';
import { tarEntries, type TarInput } from '../tar-writer.js';
import { openDockerArchive } from './docker-archive.js';

const file = (path: string, content: Uint8Array | string): TarInput => {
  const body = Buffer.from(content as string);
  return { path, size: body.length, body };
};
const hex = (digest: string) => digest.slice('sha256:'.length);

async function layerTar(name: string): Promise<Buffer> {
  return collect(tarEntries([file(name, name)]));
}

function configJson(...layers: Uint8Array[]): string {
  const diff_ids = layers.map((layer) => digestOf(layer));
  return JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    config: { Env: null },
    rootfs: { type: 'layers', diff_ids },
  });
}

async function open(entries: TarInput[], name?: string) {
  return openDockerArchive(bytesSource(await collect(tarEntries(entries))), name === undefined ? {} : { name });
}

/** What docker before version 25 saves: the second of two equal layers is a link to the first. */
async function savedImage(): Promise<{ config: string; a: Buffer; b: Buffer; entries: TarInput[] }> {
  const [a, b] = await Promise.all([layerTar('a'), layerTar('b')]);
  const config = configJson(a, b, a);
  const configName = `${hex(digestOf(Buffer.from(config)))}.json`;
  const entries: TarInput[] = [
    file('1111/layer.tar', a),
    file('2222/layer.tar', b),
    { path: '3333/layer.tar', type: 'symlink', linkname: '../1111/layer.tar' },
    file(configName, config),
    file(
      'manifest.json',
      JSON.stringify([
        {
          Config: configName,
          RepoTags: ['lab/eeg:v3'],
          Layers: ['1111/layer.tar', '2222/layer.tar', '3333/layer.tar'],
        },
      ]),
    ),
  ];
  return { config, a, b, entries };
}

describe('oci/archive/docker-archive', () => {
  it('derives one image manifest over the parts of an old archive, byte for byte', async () => {
    const { config, a, b, entries } = await savedImage();

    const source = await open(entries);

    const layer = (bytes: Buffer) =>
      `{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"${digestOf(bytes)}","size":${bytes.length}}`;
    expect(Buffer.from(source.root.bytes).toString()).toBe(
      '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",' +
        `"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"${digestOf(Buffer.from(config))}","size":${config.length}},` +
        `"layers":[${layer(a)},${layer(b)},${layer(a)}]}`,
    );
    expect(source.isDigestDerived).toBe(true);
    expect(source.root.digest).toBe(digestOf(source.root.bytes));
    expect(source.blobs).toHaveLength(3);
    expect(await collect(source.blob(digestOf(b)))).toEqual(b);
    expect((await collect(source.blob(digestOf(Buffer.from(config))))).toString()).toBe(config);
  });

  it('gives the same digest whatever the order and the names of the files are', async () => {
    const { config, a, b, entries } = await savedImage();
    const renamed = [
      file('manifest.json', JSON.stringify([{ Config: 'cfg', RepoTags: null, Layers: ['x', 'y', 'x'] }])),
      file('y', b),
      file('x', a),
      file('cfg', config),
    ];

    expect((await open(renamed)).root.digest).toBe((await open(entries)).root.digest);
  });

  it('reads an archive that contains an OCI layout as that, digests unchanged', async () => {
    const layer = await buildLayer([file('a', 'a')]);
    const image = buildImage({ layers: [layer], config: { architecture: 'amd64', os: 'linux' } });

    const source = await open(ociArchiveEntries(image, { repository: 'lab/eeg', tag: 'v3' }), 'lab/eeg:v3');

    expect([source.root.digest, source.isDigestDerived]).toEqual([image.manifest.digest, false]);
  });

  it('keeps compressed layers as they are', async () => {
    const layer = await layerTar('a');
    const compressed = gzipSync(layer);
    const entries = [
      file('config', configJson(layer)),
      file('layer.tar.gz', compressed),
      file('manifest.json', JSON.stringify([{ Config: 'config', RepoTags: [], Layers: ['layer.tar.gz'] }])),
    ];

    const source = await open(entries);

    expect(source.blobs.map(({ mediaType }) => mediaType)).toEqual([
      'application/vnd.oci.image.config.v1+json',
      'application/vnd.oci.image.layer.v1.tar+gzip',
    ]);
    expect(await collect(source.blob(digestOf(compressed)))).toEqual(compressed);
  });

  it.each([
    ['docker.io/library/debian:12', 'debian:12'],
    ['docker.io/lab/eeg:v3', 'lab/eeg:v3'],
    ['localhost/lab/eeg:v3', 'lab/eeg:v3'],
    ['registry.example.org/lab/eeg:v3', 'registry.example.org/lab/eeg:v3'],
    ['registry.example.org/lab/eeg:v3', 'v3'],
  ])('finds what is saved as %s by the name %s', async (written, asked) => {
    const layer = await layerTar('a');
    const manifest = JSON.stringify([{ Config: 'cfg', RepoTags: [written], Layers: ['layer'] }]);

    const source = await open(
      [file('cfg', configJson(layer)), file('layer', layer), file('manifest.json', manifest)],
      asked,
    );

    expect(source.blobs).toHaveLength(2);
  });

  it('chooses among several images by name or tag, never by itself', async () => {
    const layer = await layerTar('a');
    const other = configJson(layer).replace('amd64', 'arm64');
    const entries = [
      file('layer', layer),
      file('one', configJson(layer)),
      file('two', other),
      file(
        'manifest.json',
        JSON.stringify([
          { Config: 'one', RepoTags: ['lab/eeg:v1', 'lab/eeg:latest'], Layers: ['layer'] },
          { Config: 'two', RepoTags: ['lab/mri:latest'], Layers: ['layer'] },
        ]),
      ),
    ];
    const configOf = async (name: string) => (await open(entries, name)).blobs[0]!.digest;

    expect(await configOf('lab/mri:latest')).toBe(digestOf(Buffer.from(other)));
    expect(await configOf('v1')).toBe(digestOf(Buffer.from(configJson(layer))));
    await expect(open(entries)).rejects.toMatchObject({
      code: 'ARCHIVE_INVALID',
      detail: { reason: 'several-images', images: [{ config: 'one' }, { config: 'two' }] },
    });
    await expect(open(entries, 'latest')).rejects.toMatchObject({ detail: { reason: 'several-images' } });
    await expect(open(entries, 'v9')).rejects.toMatchObject({ detail: { reason: 'image-not-found', name: 'v9' } });
  });

  describe('refusals', () => {
    it.each<[string, object, (parts: { layer: Buffer; config: string }) => TarInput[]]>([
      [
        'no manifest.json',
        { code: 'ARCHIVE_INVALID', detail: { reason: 'file-missing', path: 'manifest.json' } },
        () => [file('1111/layer.tar', '')],
      ],
      [
        'what docker before 1.10 saved',
        { code: 'ARCHIVE_INVALID', detail: { reason: 'docker-before-1.10', path: 'manifest.json' } },
        () => [file('1111/VERSION', '1.0'), file('1111/json', '{}'), file('repositories', '{}')],
      ],
      [
        'a layer that is absent',
        { code: 'ARCHIVE_INVALID', detail: { reason: 'file-missing', path: 'layer' } },
        ({ config }) => [file('cfg', config), file('manifest.json', '[{"Config":"cfg","Layers":["layer"]}]')],
      ],
      [
        'a layer that is not what the config says',
        { code: 'DIGEST_INVALID', detail: { path: 'layer' } },
        ({ config }) => [
          file('cfg', config),
          file('layer', 'x'),
          file('manifest.json', '[{"Config":"cfg","Layers":["layer"]}]'),
        ],
      ],
      [
        'a config that is not what its name says',
        { code: 'DIGEST_INVALID', detail: { path: `${'0'.repeat(64)}.json` } },
        ({ config, layer }) => [
          file(`${'0'.repeat(64)}.json`, config),
          file('layer', layer),
          file('manifest.json', `[{"Config":"${'0'.repeat(64)}.json","Layers":["layer"]}]`),
        ],
      ],
      [
        'more layers than diffIDs',
        { code: 'ARCHIVE_INVALID', detail: { reason: 'layer-count', layers: 2, diffIds: 1 } },
        ({ config, layer }) => [
          file('cfg', config),
          file('layer', layer),
          file('manifest.json', '[{"Config":"cfg","Layers":["layer","layer"]}]'),
        ],
      ],
      [
        'two files of one needed name',
        { code: 'ARCHIVE_INVALID', detail: { reason: 'duplicate-path', path: 'cfg' } },
        ({ config, layer }) => [
          file('cfg', config),
          file('cfg', config),
          file('layer', layer),
          file('manifest.json', '[{"Config":"cfg","Layers":["layer"]}]'),
        ],
      ],
      [
        'a compression that no runtime unpacks',
        { code: 'ARCHIVE_INVALID', detail: { reason: 'layer-compression', compression: 'bzip2' } },
        ({ config }) => [
          file('cfg', config),
          file('layer', 'BZh91AY&SY'),
          file('manifest.json', '[{"Config":"cfg","Layers":["layer"]}]'),
        ],
      ],
    ])('%s', async (_title, expected, entriesOf) => {
      const layer = await layerTar('a');

      await expect(open(entriesOf({ layer, config: configJson(layer) }))).rejects.toMatchObject(expected);
    });

    it('a compressed archive, with the way out', async () => {
      const { entries } = await savedImage();
      const tar = gzipSync(await collect(tarEntries(entries)));

      await expect(openDockerArchive(bytesSource(tar))).rejects.toMatchObject({
        detail: { reason: 'archive-compressed', compression: 'gzip', decompressWith: 'gzip -d' },
      });
    });
  });
});

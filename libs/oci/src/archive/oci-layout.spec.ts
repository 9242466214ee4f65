import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { collect } from '../__fixtures__/raw-tar.js';
import { blobPath } from '../blob-path.js';
import { buildImage, buildLayer, ociArchiveEntries, type BuiltImage } from '../build-image.js';
import { digestOf, type Digest } from '../digest.js';
import { bytesSource } from '../random-access.js';
import { tarEntries } from '../tar-writer.js';
import { openOciArchive, openOciLayout } from './oci-layout.js';
import { selectSourceImage } from './platform-image.js';

const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';
const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';

let amd64: BuiltImage;
let arm64: BuiltImage;

async function imageFor(architecture: string): Promise<BuiltImage> {
  const layer = await buildLayer([{ path: 'arch', size: 5, body: Buffer.from(architecture) }]);
  return buildImage({ layers: [layer], config: { architecture, os: 'linux' } });
}

const json = (value: unknown) => Buffer.from(JSON.stringify(value));

/** The files of a layout by path, to be spoiled by the tests. */
async function layoutFiles(
  images: readonly BuiltImage[],
  indexManifests: readonly object[],
): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>([
    ['oci-layout', json({ imageLayoutVersion: '1.0.0' })],
    ['index.json', json({ schemaVersion: 2, manifests: indexManifests })],
  ]);
  for (const image of images) {
    files.set(blobPath(image.manifest.digest), Buffer.from(image.manifest.bytes));
    for (const { descriptor, content } of image.blobs) files.set(blobPath(descriptor.digest), await collect(content()));
  }
  return files;
}

function put(files: Map<string, Buffer>, value: unknown, mediaType = INDEX_TYPE) {
  const bytes = json(value);
  const digest = digestOf(bytes);
  files.set(blobPath(digest), bytes);
  return { mediaType, digest, size: bytes.length };
}

function open(files: ReadonlyMap<string, Uint8Array>, name?: string) {
  const tree = {
    open: async (path: string) => {
      const bytes = files.get(path);
      return bytes === undefined ? null : bytesSource(bytes);
    },
  };
  return openOciLayout(tree, name === undefined ? {} : { name });
}

describe('oci/archive/oci-layout', () => {
  beforeAll(async () => {
    amd64 = await imageFor('amd64');
    arm64 = await imageFor('arm64');
  });

  it('reads an archive of one image, byte for byte', async () => {
    const tar = await collect(tarEntries(ociArchiveEntries(amd64, { repository: 'lab/eeg', tag: 'v3' })));

    const source = await openOciArchive(bytesSource(tar));

    expect(source.root).toEqual({
      bytes: Buffer.from(amd64.manifest.bytes),
      mediaType: MANIFEST_TYPE,
      digest: amd64.manifest.digest,
    });
    expect(source.manifests.size).toBe(0);
    expect(source.blobs).toEqual(amd64.blobs.map(({ descriptor }) => descriptor));
    expect([source.missing, source.isDigestDerived]).toEqual([[], false]);
    for (const { descriptor, content } of amd64.blobs) {
      expect(await collect(source.blob(descriptor.digest))).toEqual(await collect(content()));
    }
    expect(() => source.blob(amd64.manifest.digest)).toThrow(expect.objectContaining({ code: 'BLOB_UNKNOWN' }));
  });

  it('reads a nested index, children before parents', async () => {
    const files = await layoutFiles([amd64, arm64], []);
    const inner = put(files, { schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [arm64.manifest.descriptor] });
    const outer = put(files, {
      schemaVersion: 2,
      mediaType: INDEX_TYPE,
      manifests: [amd64.manifest.descriptor, inner],
    });
    files.set('index.json', json({ schemaVersion: 2, manifests: [outer] }));

    const source = await open(files);

    expect(source.root.digest).toBe(outer.digest);
    expect([...source.manifests.keys()]).toEqual([amd64.manifest.digest, arm64.manifest.digest, inner.digest]);
    expect(source.blobs).toHaveLength(4);
  });

  it('names what an archive of one platform leaves out, and every subject', async () => {
    const files = await layoutFiles([amd64], []);
    const subject = arm64.manifest.descriptor;
    const index = put(files, {
      schemaVersion: 2,
      mediaType: INDEX_TYPE,
      manifests: [amd64.manifest.descriptor, arm64.manifest.descriptor],
      subject: { ...subject, digest: digestOf(Buffer.from('elsewhere')) },
    });
    files.set('index.json', json({ schemaVersion: 2, manifests: [index] }));

    const source = await open(files);

    expect(source.missing.map(({ kind, descriptor }) => [kind, descriptor.digest])).toEqual([
      ['child', arm64.manifest.digest],
      ['subject', digestOf(Buffer.from('elsewhere'))],
    ]);
  });

  it('gives of an archive of several platforms the image for one by itself, also where others are absent', async () => {
    const files = await layoutFiles([amd64, arm64], []);
    const platform = { os: 'linux', architecture: 'amd64' };
    const lost = { ...amd64.manifest.descriptor, digest: digestOf(Buffer.from('lost')) };
    const index = put(files, {
      schemaVersion: 2,
      mediaType: INDEX_TYPE,
      manifests: [
        { ...amd64.manifest.descriptor, platform },
        arm64.manifest.descriptor,
        { ...lost, platform: { ...platform, architecture: 's390x' } },
      ],
    });
    files.set('index.json', json({ schemaVersion: 2, manifests: [index] }));
    const source = await open(files);

    // The platform of the second one is known to its config alone.
    for (const image of [amd64, arm64]) {
      const architecture = image === amd64 ? 'amd64' : 'arm64';
      const chosen = await selectSourceImage(source, { os: 'linux', architecture });
      expect(chosen.root.digest).toBe(image.manifest.digest);
      expect(chosen.blobs.map(({ digest }) => digest)).toEqual(image.blobs.map(({ descriptor }) => descriptor.digest));
      expect([chosen.manifests.size, chosen.missing]).toEqual([0, []]);
    }
    await expect(selectSourceImage(source, { os: 'linux', architecture: 's390x' })).rejects.toMatchObject({
      code: 'PLATFORM_UNKNOWN',
      detail: { available: [{ platform: 'linux/amd64' }, { platform: 'linux/arm64' }] },
    });
  });

  it('reads a blob that an index names beside its images', async () => {
    const files = await layoutFiles([], []);
    const cache = put(files, { cache: true }, 'application/vnd.buildkit.cacheconfig.v0');
    const index = put(files, { schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [cache] });
    files.set('index.json', json({ schemaVersion: 2, manifests: [index] }));

    expect((await open(files)).blobs).toEqual([cache]);
  });

  describe('with several images', () => {
    const listed = () => [
      { ...amd64.manifest.descriptor, annotations: { 'org.opencontainers.image.ref.name': 'v1' } },
      {
        ...arm64.manifest.descriptor,
        annotations: { 'org.opencontainers.image.ref.name': 'v2', 'io.containerd.image.name': 'lab/eeg:v2' },
      },
    ];

    it('takes the one that is named, by tag or in full', async () => {
      const files = await layoutFiles([amd64, arm64], listed());

      expect((await open(files, 'v1')).root.digest).toBe(amd64.manifest.digest);
      expect((await open(files, 'v2')).root.digest).toBe(arm64.manifest.digest);
      expect((await open(files, 'lab/eeg:v2')).root.digest).toBe(arm64.manifest.digest);
    });

    it('refuses to choose, and lists them', async () => {
      const files = await layoutFiles([amd64, arm64], listed());
      const images = [
        { digest: amd64.manifest.digest, names: ['v1'] },
        { digest: arm64.manifest.digest, names: ['v2', 'lab/eeg:v2'] },
      ];

      await expect(open(files)).rejects.toMatchObject({
        code: 'ARCHIVE_INVALID',
        detail: { reason: 'several-images', images },
      });
      await expect(open(files, 'v9')).rejects.toMatchObject({
        detail: { reason: 'image-not-found', name: 'v9', images },
      });
    });

    it('takes one image under two tags as one', async () => {
      const [first] = listed();
      const files = await layoutFiles([amd64], [first!, { ...amd64.manifest.descriptor }]);

      expect((await open(files)).root.digest).toBe(amd64.manifest.digest);
    });
  });

  describe('refusals', () => {
    const spoiled = async (spoil: (files: Map<string, Buffer>) => void) => {
      const files = await layoutFiles([amd64], [amd64.manifest.descriptor]);
      spoil(files);
      return open(files).then(
        () => 'opened',
        (error: unknown) => error,
      );
    };
    const flip = (files: Map<string, Buffer>, digest: Digest) => {
      const bytes = files.get(blobPath(digest))!;
      bytes[bytes.length - 1]! ^= 1;
    };

    it('a layout that is none, or of another version', async () => {
      expect(await spoiled((files) => files.delete('oci-layout'))).toMatchObject({
        detail: { reason: 'file-missing', path: 'oci-layout' },
      });
      expect(await spoiled((files) => files.delete('index.json'))).toMatchObject({
        detail: { reason: 'file-missing', path: 'index.json' },
      });
      expect(await spoiled((files) => files.set('oci-layout', json({ imageLayoutVersion: '2.0.0' })))).toMatchObject({
        code: 'ARCHIVE_INVALID',
        detail: { reason: 'layout-version', version: '2.0.0', supported: '1.x' },
      });
      expect(
        await spoiled((files) => files.set('index.json', Buffer.from('{"manifests":[],"manifests":[]}'))),
      ).toMatchObject({
        detail: { reason: 'duplicate-key', path: 'index.json' },
      });
      expect(
        await spoiled((files) => files.set('index.json', json({ schemaVersion: 2, manifests: [] }))),
      ).toMatchObject({
        detail: { reason: 'no-image' },
      });
      expect(
        await spoiled((files) =>
          files.set(
            'index.json',
            json({ schemaVersion: 2, manifests: [{ mediaType: MANIFEST_TYPE, digest: '../../x', size: 1 }] }),
          ),
        ),
      ).toMatchObject({ detail: { reason: 'shape', path: 'index.json' } });
    });

    it('an image manifest that is absent, or not what its digest or size says', async () => {
      const { descriptor, digest } = amd64.manifest;
      expect(await spoiled((files) => files.delete(blobPath(digest)))).toMatchObject({
        code: 'MANIFEST_UNKNOWN',
        detail: { digest },
      });
      expect(await spoiled((files) => flip(files, digest))).toMatchObject({
        code: 'DIGEST_INVALID',
        detail: { expected: digest },
      });
      expect(
        await spoiled((files) =>
          files.set('index.json', json({ schemaVersion: 2, manifests: [{ ...descriptor, size: 5 }] })),
        ),
      ).toMatchObject({ code: 'SIZE_INVALID', detail: { expected: 5 } });
      expect(
        await spoiled((files) =>
          files.set('index.json', json({ schemaVersion: 2, manifests: [{ ...descriptor, mediaType: INDEX_TYPE }] })),
        ),
      ).toMatchObject({ code: 'MANIFEST_INVALID', detail: { reason: 'media-type-mismatch' } });
    });

    it('a blob of another size at once, and one of other bytes when it is read', async () => {
      const layer = amd64.layers[0]!.descriptor;
      const path = blobPath(layer.digest);

      expect(await spoiled((files) => files.set(path, files.get(path)!.subarray(1)))).toMatchObject({
        code: 'SIZE_INVALID',
        detail: { digest: layer.digest, expected: layer.size, actual: layer.size - 1 },
      });
      const files = await layoutFiles([amd64], [amd64.manifest.descriptor]);
      flip(files, layer.digest);
      const source = await open(files);
      await expect(collect(source.blob(layer.digest))).rejects.toMatchObject({ code: 'DIGEST_INVALID' });
    });

    it('an index nested too deeply', async () => {
      const files = await layoutFiles([amd64], []);
      let child: object = amd64.manifest.descriptor;
      for (let depth = 0; depth < 9; depth += 1) {
        child = put(files, { schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [child] });
      }
      files.set('index.json', json({ schemaVersion: 2, manifests: [child] }));

      await expect(open(files)).rejects.toMatchObject({
        code: 'ARCHIVE_INVALID',
        detail: { reason: 'limit', limit: 'indexDepth' },
      });
    });

    it.each([
      ['gzip', (tar: Buffer) => gzipSync(tar), 'gzip -d'],
      ['zstd', () => Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0]), 'zstd -d'],
      ['xz', () => Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 0]), 'xz -d'],
      ['bzip2', () => Buffer.from('BZh91AY&SY....'), 'bzip2 -d'],
    ])('an archive compressed with %s, with the way out', async (compression, compress, decompressWith) => {
      const tar = await collect(tarEntries(ociArchiveEntries(amd64)));

      await expect(openOciArchive(bytesSource(compress(tar)))).rejects.toMatchObject({
        code: 'ARCHIVE_INVALID',
        detail: { reason: 'archive-compressed', compression, decompressWith },
      });
    });

    it('bytes that are no tar, and an empty file', async () => {
      await expect(openOciArchive(bytesSource(Buffer.alloc(2000, 0x41)))).rejects.toMatchObject({
        detail: { reason: 'header-checksum', offset: 0 },
      });
      await expect(openOciArchive(bytesSource(Buffer.alloc(0)))).rejects.toMatchObject({
        detail: { reason: 'truncated', offset: 0 },
      });
    });
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { collect } from '../__fixtures__/raw-tar.js';
import { buildImage, buildLayer, type BuiltImage } from '../build-image.js';
import { digestOf } from '../digest.js';
import { bytesSource } from '../random-access.js';
import { openDirImage } from './dir-image.js';

let image: BuiltImage;

const hex = (digest: string): string => digest.slice('sha256:'.length);
const open = (files: ReadonlyMap<string, Uint8Array>) =>
  openDirImage({
    open: async (path) => {
      const bytes = files.get(path);
      return bytes === undefined ? null : bytesSource(bytes);
    },
  });

async function contents(): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const { descriptor, content } of image.blobs) files.set(hex(descriptor.digest), await collect(content()));
  return files;
}

describe('oci/archive/dir-image', () => {
  beforeAll(async () => {
    const layer = await buildLayer([{ path: 'a', size: 1, body: Buffer.from('a') }]);
    image = buildImage({ layers: [layer], config: { architecture: 'amd64', os: 'linux' } });
  });

  it('reads an image whose manifest stands beside its contents, digest unchanged', async () => {
    const source = await open((await contents()).set('manifest.json', image.manifest.bytes));

    expect(source.root.digest).toBe(image.manifest.digest);
    expect(source.isDigestDerived).toBe(false);
    expect(source.blobs).toEqual(image.blobs.map(({ descriptor }) => descriptor));
    expect(source.missing).toEqual([]);
  });

  it('reads an index with its images', async () => {
    const index = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [image.manifest.descriptor] }));
    const files = (await contents())
      .set('manifest.json', index)
      .set(`${hex(image.manifest.digest)}.manifest.json`, image.manifest.bytes);

    const source = await open(files);

    expect(source.root.digest).toBe(digestOf(index));
    expect([...source.manifests.keys()]).toEqual([image.manifest.digest]);
    expect(source.missing).toEqual([]);
  });

  it('refuses a directory that is none, and contents that are others', async () => {
    const [layer] = image.layers;
    const flipped = (await contents()).set('manifest.json', image.manifest.bytes);
    flipped.set(hex(layer!.descriptor.digest), Buffer.alloc(layer!.descriptor.size));

    await expect(open(new Map())).rejects.toMatchObject({ detail: { reason: 'file-missing', path: 'manifest.json' } });
    await expect(open(new Map([['manifest.json', Buffer.from('[]')]]))).rejects.toMatchObject({
      code: 'MANIFEST_INVALID',
    });
    const source = await open(flipped);
    await expect(collect(source.blob(layer!.descriptor.digest))).rejects.toMatchObject({ code: 'DIGEST_INVALID' });
  });
});

import { Readable } from 'node:stream';
import { type BuiltImage, digestOf } from '@envarium/oci';
import { RegistryClientV2 } from 'oci-registry-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRegistry, type TestRegistry } from '../e2e/oci-harness.js';
import { sampleImage } from './sample-image.js';

/** A client written for other registries, in Node: the one conformance test that runs everywhere. */
describe('conformance/oci-registry-client', () => {
  let registry: TestRegistry;
  let image: BuiltImage;
  let client: RegistryClientV2;

  beforeAll(async () => {
    registry = await startRegistry();
    const lab = await registry.account('ana', 'depositor', 'laboratory');
    image = await sampleImage('oci-registry-client');
    client = new RegistryClientV2({
      name: `${registry.host}/laboratory/sample`,
      scheme: 'http',
      insecure: true,
      username: 'ana',
      password: lab.credentials?.secret ?? '',
      acceptOCIManifests: true,
      acceptManifestLists: true,
      scopes: ['pull', 'push'],
    });
  });

  afterAll(async () => {
    await registry.stop();
  });

  it('pushes an image and gets the same bytes back by digest', async () => {
    const { manifest } = image;
    for (const { descriptor, content } of image.blobs) {
      const { digest, size } = descriptor;
      await client.blobUpload({ digest, contentLength: size, stream: Readable.from(content()) });
    }
    const { bytes: manifestData, mediaType } = manifest;
    const put = await client.putManifest({ manifestData: Buffer.from(manifestData), ref: 'v1', mediaType });
    expect(put.digest).toBe(manifest.digest);

    const { resp } = await client.getManifest({ ref: manifest.digest });

    expect(digestOf(await resp.dockerBody())).toBe(manifest.digest);
    const [layer] = image.layers;
    const { stream } = await client.createBlobReadStream({ digest: layer!.descriptor.digest });
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(Buffer.from(chunk));
    expect(digestOf(Buffer.concat(chunks))).toBe(layer!.descriptor.digest);
    expect((await client.listTags()).tags).toEqual(['v1']);
  });
});

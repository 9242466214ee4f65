import { OCI_IMAGE_INDEX, OCI_IMAGE_MANIFEST } from '@envarium/oci';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OciClient } from './oci-client.js';
import { startRegistry, type TestRegistry } from './oci-harness.js';

let registry: TestRegistry;
let lab: OciClient;

beforeAll(async () => {
  registry = await startRegistry();
  lab = await registry.account('ana', 'depositor', 'lab');
});
afterAll(async () => {
  await registry.stop();
});

async function remove(
  repository: string,
  target: string,
  client = lab,
): Promise<readonly [number, string | undefined]> {
  const { status, code } = await client.send('DELETE', `/v2/${repository}/${target}`);
  return [status, code];
}

async function statusOf(repository: string, target: string): Promise<number> {
  return (await lab.send('GET', `/v2/${repository}/${target}`)).status;
}

describe('oci/deletion', () => {
  it('takes a tag away and leaves what it pointed at', async () => {
    const image = await lab.pushImage('lab/tags', 'gone');

    expect(await remove('lab/tags', 'manifests/gone')).toEqual([202, undefined]);

    expect(await statusOf('lab/tags', 'manifests/gone')).toBe(404);
    expect(await statusOf('lab/tags', `manifests/${image.digest}`)).toBe(200);
    expect(await remove('lab/tags', 'manifests/gone')).toEqual([404, 'MANIFEST_UNKNOWN']);
  });

  it('takes an image manifest away with all its tags, and remembers each', async () => {
    const image = await lab.pushImage('lab/images', 'one');
    await lab.send('PUT', '/v2/lab/images/manifests/two', {
      headers: { 'content-type': OCI_IMAGE_MANIFEST },
      body: image.bytes,
    });

    expect(await remove('lab/images', `manifests/${image.digest}`)).toEqual([202, undefined]);

    for (const reference of [image.digest, 'one', 'two']) {
      expect(await statusOf('lab/images', `manifests/${reference}`)).toBe(404);
    }
    const history = await registry.prisma.tagEvent.findMany({
      where: { repository: { name: 'lab/images' } },
      orderBy: { id: 'asc' },
      select: { name: true, digest: true, previousDigest: true },
    });
    expect(history).toEqual([
      { name: 'one', digest: image.digest, previousDigest: null },
      { name: 'two', digest: image.digest, previousDigest: null },
      { name: 'one', digest: null, previousDigest: image.digest },
      { name: 'two', digest: null, previousDigest: image.digest },
    ]);
  });

  it('gives back what is pushed again', async () => {
    const image = await lab.pushImage('lab/back', 'v');
    await remove('lab/back', `manifests/${image.digest}`);

    const again = await lab.send('PUT', '/v2/lab/back/manifests/v', {
      headers: { 'content-type': OCI_IMAGE_MANIFEST },
      body: image.bytes,
    });

    expect(again.status).toBe(201);
    expect(await statusOf('lab/back', `manifests/${image.digest}`)).toBe(200);
  });

  it('keeps a blob for as long as an image manifest of the repository names it', async () => {
    const image = await lab.pushImage('lab/blobs', 'v');

    expect(await remove('lab/blobs', `blobs/${image.layer.digest}`)).toEqual([405, 'UNSUPPORTED']);
    await remove('lab/blobs', `manifests/${image.digest}`);
    expect(await remove('lab/blobs', `blobs/${image.layer.digest}`)).toEqual([202, undefined]);

    expect(await statusOf('lab/blobs', `blobs/${image.layer.digest}`)).toBe(404);
    expect(await remove('lab/blobs', `blobs/${image.layer.digest}`)).toEqual([404, 'BLOB_UNKNOWN']);
    expect(await registry.prisma.blob.findUnique({ where: { digest: image.layer.digest } })).toMatchObject({
      state: 'ok',
    });
  });

  it('keeps the image of a platform for as long as an index names it', async () => {
    const image = await lab.pushImage('lab/platforms');
    const index = await lab.pushManifest('lab/platforms', {
      schemaVersion: 2,
      mediaType: OCI_IMAGE_INDEX,
      manifests: [{ mediaType: OCI_IMAGE_MANIFEST, digest: image.digest, size: image.bytes.length }],
    });

    const refused = await lab.send('DELETE', `/v2/lab/platforms/manifests/${image.digest}`);
    await remove('lab/platforms', `manifests/${index.digest}`);

    expect(refused.json).toMatchObject({ errors: [{ code: 'UNSUPPORTED', detail: { usedBy: [index.digest] } }] });
    expect(await remove('lab/platforms', `manifests/${image.digest}`)).toEqual([202, undefined]);
  });

  it('takes nothing from a repository with a published version', async () => {
    const image = await lab.pushImage('lab/archived', 'kept');
    const loose = await lab.pushBlob('lab/archived');
    await registry.publish('lab/archived');

    for (const target of [
      'manifests/kept',
      `manifests/${image.digest}`,
      `blobs/${image.layer.digest}`,
      `blobs/${loose.digest}`,
    ]) {
      expect(await remove('lab/archived', target)).toEqual([405, 'UNSUPPORTED']);
      expect(await statusOf('lab/archived', target)).toBe(200);
    }
  });

  it('touches only the repository that is named', async () => {
    const image = await lab.pushImage('lab/mine', 'v');
    await lab.send('POST', `/v2/lab/other/blobs/uploads/?mount=${image.layer.digest}&from=lab/mine`);
    await remove('lab/mine', `manifests/${image.digest}`);
    await remove('lab/mine', `blobs/${image.layer.digest}`);

    expect(await statusOf('lab/other', `blobs/${image.layer.digest}`)).toBe(200);
  });

  it('asks for the right to write, and for a token with the action', async () => {
    const image = await lab.pushImage('lab/rights', 'v');
    const reader = await registry.account('ben', 'reader', 'lab');
    const stranger = await registry.account('eve', 'owner', 'elsewhere');
    const target = `manifests/${image.digest}`;

    expect(await remove('lab/rights', target, registry.anonymous)).toEqual([401, 'UNAUTHORIZED']);
    expect(await remove('lab/rights', target, reader)).toEqual([403, 'DENIED']);
    expect(await remove('lab/rights', target, stranger)).toEqual([404, 'NAME_UNKNOWN']);
    expect(await remove('lab/rights', target, await lab.withScopes('repository:lab/rights:pull,push'))).toEqual([
      401,
      'UNAUTHORIZED',
    ]);
    expect(await remove('lab/rights', target, await lab.withScopes('repository:lab/rights:delete,pull'))).toEqual([
      202,
      undefined,
    ]);
  });

  it.each([
    ['manifests/sha256:short', 400, 'DIGEST_INVALID'],
    ['manifests/a%2Fb', 400, 'MANIFEST_INVALID'],
    ['manifests/nul%00', 400, 'MANIFEST_INVALID'],
    ['blobs/latest', 400, 'DIGEST_INVALID'],
    [`manifests/sha256:${'0'.repeat(64)}`, 404, 'MANIFEST_UNKNOWN'],
  ])('answers DELETE of %s with %i', async (target, status, code) => {
    await lab.pushImage('lab/hostile');

    expect(await remove('lab/hostile', target)).toEqual([status, code]);
  });
});

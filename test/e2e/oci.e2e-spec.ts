import { randomBytes } from 'node:crypto';
import { chmod, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FixityService } from '@envarium/registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OciClient, PushedBlob } from './oci-client.js';
import { startRegistry, type TestRegistry } from './oci-harness.js';

const ABSENT = `sha256:${'0'.repeat(64)}`;

let registry: TestRegistry;
let lab: OciClient;

beforeAll(async () => {
  registry = await startRegistry();
  lab = await registry.account('ana', 'depositor', 'lab');
});
afterAll(async () => {
  await registry.stop();
});

describe('oci/blobs', () => {
  let blob: PushedBlob;
  let url: string;
  beforeAll(async () => {
    blob = await lab.pushBlob('lab/blobs', randomBytes(2048));
    url = `/v2/lab/blobs/blobs/${blob.digest}`;
  });

  it('gives a blob byte for byte, with its digest, length, entity tag and immutability', async () => {
    const answer = await lab.send('GET', url);

    expect(answer.status).toBe(200);
    expect(answer.body.equals(blob.bytes)).toBe(true);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': '2048',
      'docker-content-digest': blob.digest,
      'accept-ranges': 'bytes',
      etag: `"${blob.digest}"`,
      'cache-control': 'private, max-age=31536000, immutable',
      'docker-distribution-api-version': 'registry/2.0',
      'x-content-type-options': 'nosniff',
    });
  });

  it('tells the length of a blob on HEAD, without a body, also with a range', async () => {
    const answer = await lab.send('HEAD', url, { headers: { range: 'bytes=0-9' } });

    expect(answer.status).toBe(200);
    expect(answer.headers['content-length']).toBe('2048');
    expect(answer.body.length).toBe(0);
  });

  it.each([
    ['bytes=500-1499', 500, 1500],
    ['bytes=500-', 500, 2048],
    ['bytes=0-', 0, 2048],
    ['bytes=-500', 1548, 2048],
    ['bytes=-5000', 0, 2048],
    ['bytes=2000-5000', 2000, 2048],
    ['bytes=2047-2047', 2047, 2048],
  ])('gives the part %s as 206', async (range, start, end) => {
    const answer = await lab.send('GET', url, { headers: { range } });

    expect(answer.status).toBe(206);
    expect(answer.headers['content-range']).toBe(`bytes ${start}-${end - 1}/2048`);
    expect(answer.headers['content-length']).toBe(String(end - start));
    expect(answer.body.equals(blob.bytes.subarray(start, end))).toBe(true);
  });

  it.each(['bytes=500-0', 'bytes=2048-', 'bytes=5000-10000', 'bytes=-0'])(
    'refuses the range %s with 416',
    async (range) => {
      const answer = await lab.send('GET', url, { headers: { range } });

      expect(answer.status).toBe(416);
      expect(answer.headers['content-range']).toBe('bytes */2048');
      expect(answer.headers['content-length']).toBe(String(answer.body.length));
      expect(answer.code).toBe('BLOB_UPLOAD_INVALID');
    },
  );

  it.each(['items=0-1', 'bytes=-', 'bytes=x-y', 'bytes=0-,0-'])(
    'gives all of the blob for the range %s',
    async (range) => {
      const answer = await lab.send('GET', url, { headers: { range } });

      expect(answer.status).toBe(200);
      expect(answer.body.length).toBe(2048);
    },
  );

  it('ignores a range that was meant for other content', async () => {
    const ofThis = { range: 'bytes=0-9', 'if-range': `"${blob.digest}"` };
    const ofOther = { range: 'bytes=0-9', 'if-range': `"${ABSENT}"` };

    expect((await lab.send('GET', url, { headers: ofThis })).status).toBe(206);
    expect((await lab.send('GET', url, { headers: ofOther })).status).toBe(200);
  });

  it.each([
    [`"${ABSENT}"`, 200],
    ['*', 304],
  ])('answers If-None-Match %s with %i', async (tag, status) => {
    expect((await lab.send('GET', url, { headers: { 'if-none-match': tag } })).status).toBe(status);
  });

  it('answers 304 to GET and HEAD of a client that has the blob', async () => {
    for (const method of ['GET', 'HEAD']) {
      const answer = await lab.send(method, url, { headers: { 'if-none-match': `W/"${blob.digest}"` } });
      expect(answer.status).toBe(304);
      expect(answer.body.length).toBe(0);
    }
  });

  it('keeps a blob of no bytes', async () => {
    const { digest } = await lab.pushBlob('lab/blobs', Buffer.alloc(0));

    const answer = await lab.send('GET', `/v2/lab/blobs/blobs/${digest}`);

    expect([answer.status, answer.headers['content-length'], answer.body.length]).toEqual([200, '0', 0]);
  });

  it('shows a blob through the repositories that it was pushed to, and through no other', async () => {
    await lab.pushBlob('lab/elsewhere');

    const answer = await lab.send('GET', `/v2/lab/elsewhere/blobs/${blob.digest}`);

    expect([answer.status, answer.code]).toEqual([404, 'BLOB_UNKNOWN']);
  });

  it.each([
    ['sha256:short', 'DIGEST_INVALID'],
    ['blake3:aaaa', 'DIGEST_INVALID'],
    [`sha256:${'A'.repeat(64)}`, 'DIGEST_INVALID'],
  ])('refuses the digest %s', async (digest, code) => {
    const answer = await lab.send('GET', `/v2/lab/blobs/blobs/${digest}`);

    expect([answer.status, answer.code]).toEqual([400, code]);
  });

  it('takes a digest whose colon is percent-encoded', async () => {
    expect((await lab.send('HEAD', url.replace('sha256:', 'sha256%3A'))).status).toBe(200);
  });

  it('goes on when a client goes away in the middle of a blob', async () => {
    const large = await lab.pushBlob('lab/blobs', randomBytes(32 << 20));
    const request = lab.open('GET', `/v2/lab/blobs/blobs/${large.digest}`);
    await new Promise<void>((resolve) => {
      request.on('response', (response) => response.once('data', () => resolve()));
      request.on('error', () => {});
      request.end();
    });
    const logged = registry.log.length;

    request.destroy();

    const again = await lab.send('GET', `/v2/lab/blobs/blobs/${large.digest}`);
    expect(again.body.equals(large.bytes)).toBe(true);
    expect(registry.log.slice(logged)).toEqual([]);
  });

  it('says what is wrong when stored bytes are cut short, and takes the same content again to heal it', async () => {
    const damaged = await lab.pushBlob('lab/damaged', randomBytes(100_000));
    const hex = damaged.digest.slice('sha256:'.length);
    const file = path.join(registry.storeDirectory, 'blobs/sha256', hex.slice(0, 2), hex);
    await chmod(file, 0o644);
    await truncate(file, 10);
    const logged = registry.log.length;

    const answer = await lab.send('GET', `/v2/lab/damaged/blobs/${damaged.digest}`);
    expect([answer.status, answer.code]).toEqual([500, 'BLOB_CORRUPT']);
    expect(registry.log.length - logged).toBe(1);

    await registry.get(FixityService).check({ bytes: Infinity, olderThan: new Date(Date.now() + 1000) });
    expect((await lab.send('HEAD', `/v2/lab/damaged/blobs/${damaged.digest}`)).status).toBe(404);
    await lab.pushBlob('lab/damaged', damaged.bytes);
    expect((await lab.send('GET', `/v2/lab/damaged/blobs/${damaged.digest}`)).body.equals(damaged.bytes)).toBe(true);
  });

  it('heals a blob of the right length and wrong bytes', async () => {
    const damaged = await lab.pushBlob('lab/damaged', randomBytes(5000));
    const hex = damaged.digest.slice('sha256:'.length);
    const file = path.join(registry.storeDirectory, 'blobs/sha256', hex.slice(0, 2), hex);
    await chmod(file, 0o644);
    await writeFile(file, randomBytes(5000));
    await registry.get(FixityService).check({ bytes: Infinity, olderThan: new Date(Date.now() + 1000) });
    expect((await lab.send('HEAD', `/v2/lab/damaged/blobs/${damaged.digest}`)).status).toBe(404);

    await lab.pushBlob('lab/damaged', damaged.bytes);

    expect((await lab.send('GET', `/v2/lab/damaged/blobs/${damaged.digest}`)).body.equals(damaged.bytes)).toBe(true);
  });
});

describe('oci/paths', () => {
  it.each([
    ['/v2/Lab/x/tags/list', 400, 'NAME_INVALID'],
    ['/v2/lab%2Fx/tags/list', 400, 'NAME_INVALID'],
    ['/v2/lab//x/tags/list', 400, 'NAME_INVALID'],
    ['/v2//lab/tags/list', 400, 'NAME_INVALID'],
    ['/v2/lab/../other/tags/list', 400, 'NAME_INVALID'],
    ['/v2/lab/%2e%2e/other/tags/list', 400, 'NAME_INVALID'],
    ['/v2/lab/./x/manifests/v1', 400, 'NAME_INVALID'],
    ['/v2/lab/x%00/manifests/v1', 400, 'NAME_INVALID'],
    ["/v2/lab/x';drop/manifests/v1", 400, 'NAME_INVALID'],
    [`/v2/lab/${'x'.repeat(300)}/manifests/v1`, 400, 'NAME_INVALID'],
    ['/v2/%zz/tags/list', 400, 'NAME_INVALID'],
    ['/v2/lab/x/manifests/', 404, 'NOT_FOUND'],
    ['/v2/lab/x', 404, 'NOT_FOUND'],
    ['/v2/lab/x/tags/list/', 404, 'NOT_FOUND'],
    ['/v2/lab/unknown/tags/list', 404, 'NAME_UNKNOWN'],
    ['/v2/lab/unknown/manifests/v1', 404, 'NAME_UNKNOWN'],
  ])('answers %s with %i', async (url, status, code) => {
    const answer = await lab.send('GET', url);

    expect([answer.status, answer.code]).toEqual([status, code]);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'docker-distribution-api-version': 'registry/2.0',
    });
  });

  it('keeps repositories whose names hold the words of the paths', async () => {
    for (const name of ['lab/manifests/tags', 'lab/blobs/uploads/blobs', 'lab/tags/list']) {
      const image = await lab.pushImage(name, 'v1');
      expect((await lab.send('GET', `/v2/${name}/manifests/v1`)).body.equals(image.bytes)).toBe(true);
      expect((await lab.send('GET', `/v2/${name}/tags/list`)).json).toEqual({ name, tags: ['v1'] });
    }
  });

  it.each([
    ['POST', '/v2/'],
    ['PUT', '/v2/lab/x/tags/list'],
    ['PATCH', '/v2/lab/x/manifests/v1'],
    ['OPTIONS', '/v2/lab/x/manifests/v1'],
    ['GET', '/v2/lab/x/blobs/uploads/'],
  ])('answers %s %s in the way of the specification, with the methods that there are', async (method, url) => {
    const answer = await lab.send(method, url);

    expect([answer.status, answer.code]).toEqual([405, 'UNSUPPORTED']);
    expect(answer.headers.allow).toMatch(/^[A-Z, ]+$/);
  });

  it('answers /v2 as it answers /v2/', async () => {
    for (const url of ['/v2', '/v2/', '/v2/?n=1']) {
      expect((await lab.send('GET', url)).status).toBe(200);
      expect((await registry.anonymous.send('GET', url)).status).toBe(401);
    }
  });

  it('answers a Content-Type that is none with the envelope', async () => {
    const answer = await lab.send('PUT', '/v2/lab/x/manifests/v1', {
      headers: { 'content-type': ';;' },
      body: Buffer.from('{}'),
    });

    expect([answer.status, answer.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });

  it('answers what should not happen with UNKNOWN and the id of the request, and logs it once', async () => {
    const { prisma } = registry;
    await prisma.$executeRaw`ALTER TABLE tag RENAME TO tag_away`;
    const logged = registry.log.length;
    try {
      await lab.pushBlob('lab/broken');

      const answer = await lab.send('GET', '/v2/lab/broken/tags/list');

      expect([answer.status, answer.code]).toEqual([500, 'UNKNOWN']);
      expect(answer.json).toHaveProperty('errors.0.detail.requestId');
      expect(answer.body.toString()).not.toContain('tag_away');
      expect(registry.log.length - logged).toBe(1);
    } finally {
      await prisma.$executeRaw`ALTER TABLE tag_away RENAME TO tag`;
    }
  });
});

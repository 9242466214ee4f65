import { randomBytes } from 'node:crypto';
import {
  digestOf,
  DOCKER_IMAGE_MANIFEST,
  EMPTY_DESCRIPTOR,
  OCI_IMAGE_CONFIG,
  OCI_IMAGE_INDEX,
  OCI_IMAGE_MANIFEST,
  OCI_LAYER_TAR,
} from '@envarium/oci';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OciClient } from './oci-client.js';
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

describe('oci/manifests', () => {
  it('gives an image manifest byte for byte, by tag and by digest, whatever Accept says', async () => {
    const image = await lab.pushImage('lab/images', 'v1');
    expect(image.answer.headers).toMatchObject({
      location: `/v2/lab/images/manifests/${image.digest}`,
      'docker-content-digest': image.digest,
      'content-length': '0',
    });

    for (const reference of ['v1', image.digest]) {
      const answer = await lab.send('GET', `/v2/lab/images/manifests/${reference}`, {
        headers: { accept: DOCKER_IMAGE_MANIFEST },
      });
      expect(answer.status).toBe(200);
      expect(answer.body.equals(image.bytes)).toBe(true);
      expect(answer.headers).toMatchObject({
        'content-type': OCI_IMAGE_MANIFEST,
        'content-length': String(image.bytes.length),
        'docker-content-digest': image.digest,
        'cache-control': reference === 'v1' ? 'no-cache' : 'private, max-age=31536000, immutable',
      });
      const head = await lab.send('HEAD', `/v2/lab/images/manifests/${reference}`);
      expect([head.status, head.headers['content-length'], head.body.length]).toEqual([
        200,
        String(image.bytes.length),
        0,
      ]);
      const unchanged = await lab.send('GET', `/v2/lab/images/manifests/${reference}`, {
        headers: { 'if-none-match': `"${image.digest}"` },
      });
      expect([unchanged.status, unchanged.body.length]).toEqual([304, 0]);
    }
  });

  it('takes the same image manifest again, and moves a tag to another', async () => {
    const first = await lab.pushImage('lab/moving', 'latest');
    expect((await lab.pushManifest('lab/moving', JSON.parse(first.bytes.toString()), 'latest')).answer.status).toBe(
      201,
    );
    const second = await lab.pushImage('lab/moving', 'latest');

    const answer = await lab.send('HEAD', '/v2/lab/moving/manifests/latest');

    expect(answer.headers['docker-content-digest']).toBe(second.digest);
    expect((await lab.send('HEAD', `/v2/lab/moving/manifests/${first.digest}`)).status).toBe(200);
  });

  it('sets all tags that a push by digest asks for', async () => {
    const image = await lab.pushImage('lab/tagged');
    const answer = await lab.send('PUT', `/v2/lab/tagged/manifests/${image.digest}?tag=a&tag=b`, {
      headers: { 'content-type': OCI_IMAGE_MANIFEST },
      body: image.bytes,
    });

    expect([answer.status, answer.headers['oci-tag']]).toEqual([201, 'a, b']);
    expect((await lab.send('GET', '/v2/lab/tagged/tags/list')).json).toEqual({ name: 'lab/tagged', tags: ['a', 'b'] });
  });

  it('takes an image manifest of 4 MiB and refuses a larger one, with and without an announced length', async () => {
    const image = await lab.pushImage('lab/large');
    const manifest = JSON.parse(image.bytes.toString()) as object;
    const sized = (size: number): Buffer => {
      const empty = JSON.stringify({ ...manifest, annotations: { text: '' } }).length;
      return Buffer.from(JSON.stringify({ ...manifest, annotations: { text: 'x'.repeat(size - empty) } }));
    };
    const put = async (body: Buffer | AsyncIterable<Buffer>) =>
      await lab.send('PUT', '/v2/lab/large/manifests/large', { headers: { 'content-type': OCI_IMAGE_MANIFEST }, body });

    expect((await put(sized(4 << 20))).status).toBe(201);
    const announced = await put(sized((4 << 20) + 1));
    expect([announced.status, announced.code]).toEqual([413, 'MANIFEST_INVALID']);
    expect((await put(chunked(sized((4 << 20) + 1)))).status).toBe(413);
  });

  it.each([
    ['no JSON', '{', OCI_IMAGE_MANIFEST],
    [
      'another media type than announced',
      JSON.stringify({ schemaVersion: 2, mediaType: OCI_IMAGE_INDEX, manifests: [] }),
      OCI_IMAGE_MANIFEST,
    ],
    [
      'Docker schema 1',
      JSON.stringify({ schemaVersion: 1, fsLayers: [] }),
      'application/vnd.docker.distribution.manifest.v1+prettyjws',
    ],
    ['an unknown media type', '{"schemaVersion":2}', 'text/plain'],
  ])('refuses an image manifest that is %s', async (_what, text, contentType) => {
    const answer = await lab.send('PUT', '/v2/lab/images/manifests/bad', {
      headers: { 'content-type': contentType },
      body: Buffer.from(text),
    });

    expect([answer.status, answer.code]).toEqual([400, 'MANIFEST_INVALID']);
  });

  it('refuses an image manifest whose blobs are not there, and names them', async () => {
    const manifest = {
      schemaVersion: 2,
      mediaType: OCI_IMAGE_MANIFEST,
      config: { ...EMPTY_DESCRIPTOR, digest: ABSENT },
      layers: [],
    };
    const answer = await lab.send('PUT', '/v2/lab/images/manifests/incomplete', {
      body: Buffer.from(JSON.stringify(manifest)),
    });

    expect([answer.status, answer.code]).toEqual([404, 'MANIFEST_BLOB_UNKNOWN']);
    expect(answer.body.toString()).toContain(ABSENT);
  });

  it('refuses bytes that are not what the digest in the path says', async () => {
    const image = await lab.pushImage('lab/images');
    const answer = await lab.send('PUT', `/v2/lab/images/manifests/${ABSENT}`, { body: image.bytes });

    expect([answer.status, answer.code]).toEqual([400, 'DIGEST_INVALID']);
  });

  it.each([
    [ABSENT, 404, 'MANIFEST_UNKNOWN'],
    ['no-such-tag', 404, 'MANIFEST_UNKNOWN'],
    ['sha256:totallywrong', 400, 'DIGEST_INVALID'],
    ['nul%00byte', 404, 'MANIFEST_UNKNOWN'],
    ['-bad', 404, 'MANIFEST_UNKNOWN'],
  ])('answers a pull of %s with %i', async (reference, status, code) => {
    await lab.pushBlob('lab/images');

    const answer = await lab.send('GET', `/v2/lab/images/manifests/${reference}`);

    expect([answer.status, answer.code]).toEqual([status, code]);
  });

  it('refuses a tag that is none', async () => {
    const image = await lab.pushImage('lab/images');
    const answer = await lab.send('PUT', '/v2/lab/images/manifests/a%2Fb', { body: image.bytes });

    expect(answer.status).toBe(400);
  });

  it('moves all tags of one push, or none', async () => {
    const image = await lab.pushImage('lab/tags-at-once');
    const path = `/v2/lab/tags-at-once/manifests/${image.digest}`;
    const put = { headers: { 'content-type': OCI_IMAGE_MANIFEST }, body: image.bytes };

    const refused = await lab.send('PUT', `${path}?tag=a&tag=v1.record`, put);
    const none = await lab.send('GET', '/v2/lab/tags-at-once/tags/list');
    const taken = await lab.send('PUT', `${path}?tag=b&tag=a&tag=b`, put);
    const both = await lab.send('GET', '/v2/lab/tags-at-once/tags/list');

    expect([refused.status, none.json]).toEqual([409, { name: 'lab/tags-at-once', tags: [] }]);
    expect([taken.status, taken.headers['oci-tag']]).toEqual([201, 'b, a']);
    expect(both.json).toEqual({ name: 'lab/tags-at-once', tags: ['a', 'b'] });
  });

  it('keeps and serves what is named by its sha512', async () => {
    const layer = randomBytes(1000);
    const named = digestOf(layer, 'sha512');
    const started = await lab.send('POST', '/v2/lab/sha512/blobs/uploads/?digest-algorithm=sha512');
    const closed = await lab.send('PUT', `${started.headers.location}?digest=${named}`, { body: layer });
    const config = await lab.pushBlob('lab/sha512', Buffer.from('{}'));
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: OCI_IMAGE_MANIFEST,
        config: { mediaType: OCI_IMAGE_CONFIG, digest: config.digest, size: 2 },
        layers: [{ mediaType: OCI_LAYER_TAR, digest: named, size: 1000 }],
      }),
    );
    const digest = digestOf(manifest, 'sha512');
    const pushed = await lab.send('PUT', `/v2/lab/sha512/manifests/${digest}?tag=long`, {
      headers: { 'content-type': OCI_IMAGE_MANIFEST },
      body: manifest,
    });

    expect([closed.status, closed.headers['docker-content-digest']]).toEqual([201, named]);
    expect([pushed.status, pushed.headers['docker-content-digest']]).toEqual([201, digest]);
    const byTag = await lab.send('GET', '/v2/lab/sha512/manifests/long');
    expect([byTag.headers['docker-content-digest'], byTag.body.equals(manifest)]).toEqual([digest, true]);
    expect((await lab.send('GET', `/v2/lab/sha512/blobs/${named}`)).body.equals(layer)).toBe(true);
  });

  it('refuses bytes that are not what their sha512 says', async () => {
    const started = await lab.send('POST', '/v2/lab/sha512/blobs/uploads/');
    const other = digestOf(Buffer.from('other'), 'sha512');

    const closed = await lab.send('PUT', `${started.headers.location}?digest=${other}`, { body: Buffer.from('bytes') });

    expect([closed.status, closed.code]).toEqual([400, 'DIGEST_INVALID']);
  });

  it('moves a tag only from where the push says that it stands', async () => {
    const first = await lab.pushImage('lab/conditions', 'moving');
    const second = await lab.pushImage('lab/conditions');
    const put = async (condition: Record<string, string>): Promise<number> => {
      const headers = { 'content-type': OCI_IMAGE_MANIFEST, ...condition };
      return (await lab.send('PUT', '/v2/lab/conditions/manifests/moving', { headers, body: second.bytes })).status;
    };

    const wrong = [
      await put({ 'if-match': `"${second.digest}"` }),
      await put({ 'if-none-match': '*' }),
      await put({ 'if-none-match': `"${first.digest}"` }),
    ];
    const where = (await lab.send('HEAD', '/v2/lab/conditions/manifests/moving')).headers['docker-content-digest'];
    const right = await put({ 'if-match': `"sha256:${'0'.repeat(64)}", "${first.digest}"` });

    expect({ wrong, where, right }).toEqual({ wrong: [412, 412, 412], where: first.digest, right: 201 });
  });

  it('lists referrers that came with the tag of clients that knew no referrers API', async () => {
    const image = await lab.pushImage('lab/imported', 'v1');
    const signature = await lab.pushImage('lab/imported', undefined, { annotations: { signed: 'yes' } });
    const index = {
      schemaVersion: 2,
      mediaType: OCI_IMAGE_INDEX,
      manifests: [{ mediaType: OCI_IMAGE_MANIFEST, digest: signature.digest, size: signature.bytes.length }],
    };
    await lab.pushManifest('lab/imported', index, image.digest.replace(':', '-'));

    const { json } = await lab.send('GET', `/v2/lab/imported/referrers/${image.digest}`);

    expect(json).toMatchObject({ manifests: [{ digest: signature.digest, annotations: { signed: 'yes' } }] });
  });
});

describe('oci/lists', () => {
  it('lists tags in ASCII order, in pages that Link joins', async () => {
    const image = await lab.pushImage('lab/many', 'b');
    for (const tag of ['a', 'B', '_', 'c', 'a.1']) {
      await lab.pushManifest('lab/many', JSON.parse(image.bytes.toString()) as object, tag);
    }
    const all = await lab.send('GET', '/v2/lab/many/tags/list');
    expect(all.headers['content-type']).toBe('application/json');
    expect(all.json).toEqual({ name: 'lab/many', tags: ['B', '_', 'a', 'a.1', 'b', 'c'] });
    expect(all.headers.link).toBe(undefined);

    const first = await lab.send('GET', '/v2/lab/many/tags/list?n=4');
    expect(first.json).toEqual({ name: 'lab/many', tags: ['B', '_', 'a', 'a.1'] });
    expect(first.headers.link).toBe('</v2/lab/many/tags/list?n=4&last=a.1>; rel="next"');
    const second = await lab.send('GET', '/v2/lab/many/tags/list?n=4&last=a.1');
    expect(second.json).toEqual({ name: 'lab/many', tags: ['b', 'c'] });
    expect(second.headers.link).toBe(undefined);
    expect((await lab.send('GET', '/v2/lab/many/tags/list?last=aa')).json).toEqual({
      name: 'lab/many',
      tags: ['b', 'c'],
    });
  });

  it('gives an empty list for n=0 and refuses an n that is no number', async () => {
    await lab.pushImage('lab/none', 'x');

    const none = await lab.send('GET', '/v2/lab/none/tags/list?n=0');

    expect([none.json, none.headers.link]).toEqual([{ name: 'lab/none', tags: [] }, undefined]);
    for (const query of ['n=-1', 'n=x', 'n=1e3', 'last=%00']) {
      expect((await lab.send('GET', `/v2/lab/none/tags/list?${query}`)).status).toBe(400);
    }
  });

  it('lists in the catalog what the caller may read, in pages', async () => {
    await registry.account('cat', 'depositor', 'cat');
    await registry.admin.pushImage('cat/one', 'v1');
    await registry.admin.pushImage('cat/two', 'v1');
    await registry.publish('cat/two');

    expect((await registry.anonymous.send('GET', '/v2/_catalog')).json).toEqual({ repositories: ['cat/two'] });
    const page = await registry.admin.send('GET', '/v2/_catalog?n=1&last=cat');
    expect(page.json).toEqual({ repositories: ['cat/one'] });
    expect(page.headers.link).toBe('</v2/_catalog?n=1&last=cat%2Fone>; rel="next"');
    expect((await lab.send('GET', '/v2/_catalog?last=cat/one')).json).not.toHaveProperty('repositories.0', 'cat/one');
  });

  it('lists referrers with their types and annotations, filters them, and says so', async () => {
    const image = await lab.pushImage('lab/subject', 'v1');
    await lab.pushBlob('lab/subject', Buffer.from('{}'));
    const subject = { mediaType: OCI_IMAGE_MANIFEST, digest: image.digest, size: image.bytes.length };
    const common = {
      schemaVersion: 2,
      mediaType: OCI_IMAGE_MANIFEST,
      config: EMPTY_DESCRIPTOR,
      layers: [EMPTY_DESCRIPTOR],
    };
    const artifact = (artifactType: string) => ({
      ...common,
      artifactType,
      subject,
      annotations: { 'org.example.note': artifactType },
    });
    const sbom = await lab.pushManifest('lab/subject', artifact('application/vnd.example.sbom'));
    const link = await lab.pushManifest('lab/subject', artifact('application/vnd.example.link'));
    expect(sbom.answer.headers['oci-subject']).toBe(image.digest);

    const all = await lab.send('GET', `/v2/lab/subject/referrers/${image.digest}`);
    expect(all.headers['content-type']).toBe(OCI_IMAGE_INDEX);
    expect(all.json).toEqual({
      schemaVersion: 2,
      mediaType: OCI_IMAGE_INDEX,
      manifests: [sbom, link].map(({ digest, bytes }, index) => ({
        mediaType: OCI_IMAGE_MANIFEST,
        digest,
        size: bytes.length,
        artifactType: `application/vnd.example.${index === 0 ? 'sbom' : 'link'}`,
        annotations: { 'org.example.note': `application/vnd.example.${index === 0 ? 'sbom' : 'link'}` },
      })),
    });
    const filtered = await lab.send(
      'GET',
      `/v2/lab/subject/referrers/${image.digest}?artifactType=application/vnd.example.link`,
    );
    expect(filtered.headers['oci-filters-applied']).toBe('artifactType');
    expect(filtered.json).toMatchObject({ manifests: [{ digest: link.digest }] });
  });

  it('lists no referrers for an unknown digest and for an unknown repository', async () => {
    await lab.pushBlob('lab/subject');
    for (const repository of ['lab/subject', 'lab/never-pushed']) {
      const answer = await lab.send('GET', `/v2/${repository}/referrers/${ABSENT}`);
      expect([answer.status, answer.headers['content-type']]).toEqual([200, OCI_IMAGE_INDEX]);
      expect(answer.json).toEqual({ schemaVersion: 2, mediaType: OCI_IMAGE_INDEX, manifests: [] });
    }
    expect((await lab.send('GET', '/v2/lab/subject/referrers/sha256:bad')).code).toBe('DIGEST_INVALID');
  });

  it('takes a referrer of an image that was never pushed', async () => {
    await lab.pushBlob('lab/early', Buffer.from('{}'));
    const subject = { mediaType: OCI_IMAGE_MANIFEST, digest: ABSENT, size: 3 };
    const early = { schemaVersion: 2, mediaType: OCI_IMAGE_MANIFEST, config: EMPTY_DESCRIPTOR, layers: [], subject };

    const { answer, digest } = await lab.pushManifest('lab/early', early);

    expect(answer.headers['oci-subject']).toBe(ABSENT);
    expect((await lab.send('GET', `/v2/lab/early/referrers/${ABSENT}`)).json).toMatchObject({
      manifests: [{ digest }],
    });
  });
});

async function* chunked(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000);
}

import { randomBytes } from 'node:crypto';
import { chmod, truncate, writeFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import {
  bytesSource,
  DOCKER_MANIFEST_LIST,
  type Digest,
  OCI_IMAGE_CONFIG,
  OCI_IMAGE_INDEX,
  OCI_IMAGE_MANIFEST,
  OCI_LAYER_TAR,
  openDockerArchive,
  openOciArchive,
} from '@envarium/oci';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, answerOf } from './oci-client.js';
import { problemOf, type RestClient } from './rest-client.js';
import { startTestServer, type TestServer } from './server-harness.js';

interface Pushed {
  readonly digest: string;
  readonly mediaType: string;
  readonly size: number;
  readonly layer: string;
  readonly bytes: Buffer;
}

let server: TestServer;
let lab: RestClient;

/** Without interpretation, as the raw bytes and headers count. */
async function fetchTar(url: string, client: RestClient, headers = {}, method = 'GET'): Promise<Answer> {
  const request = http.request(`${server.url}/api/v1/${url}`, {
    method,
    agent: false,
    headers: { ...(client.token !== null && { authorization: `Bearer ${client.token}` }), ...headers },
  });
  const answer = answerOf(request);
  request.end();
  return await answer;
}

const imagePath = (repository: string, reference: string): string =>
  `repositories/${encodeURIComponent(repository)}/images/${reference}/image.tar`;

async function pushImage(
  repository: string,
  reference: string,
  layers: object[] = [],
  arch = 'amd64',
): Promise<Pushed> {
  const bytes = randomBytes(100_000);
  const layer = await lab.pushBlob(repository, bytes);
  const configBytes = Buffer.from(
    JSON.stringify({ architecture: arch, os: 'linux', rootfs: { type: 'layers', diff_ids: [layer] } }),
  );
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI_IMAGE_MANIFEST,
    config: {
      mediaType: OCI_IMAGE_CONFIG,
      digest: await lab.pushBlob(repository, configBytes),
      size: configBytes.length,
    },
    layers: [{ mediaType: OCI_LAYER_TAR, digest: layer, size: bytes.length }, ...layers],
  });
  const { headers } = await lab.pushManifest(repository, reference, OCI_IMAGE_MANIFEST, manifest).expect(201);
  const digest = String(headers['docker-content-digest']);
  return { digest, mediaType: OCI_IMAGE_MANIFEST, size: manifest.length, layer, bytes };
}

async function pushIndex(repository: string, tag: string, images: [Pushed, object?][], mediaType = OCI_IMAGE_INDEX) {
  const manifests = images.map(([{ digest, size, mediaType: type }, platform]) => ({
    mediaType: type,
    digest,
    size,
    ...(platform && { platform }),
  }));
  const text = JSON.stringify({ schemaVersion: 2, mediaType, manifests });
  const { headers } = await lab.pushManifest(repository, tag, mediaType, text).expect(201);
  return String(headers['docker-content-digest']);
}

function storedFile(digest: string): string {
  const hex = digest.slice('sha256:'.length);
  return path.join(server.dataDir, 'store/blobs/sha256', hex.slice(0, 2), hex);
}

describe('e2e/rest-image-archive', () => {
  let image: Pushed;

  beforeAll(async () => {
    server = await startTestServer();
    lab = await server.account('ana', { lab: 'depositor' });
    image = await pushImage('lab/eeg', 'v1');
    await lab.publish('lab/eeg', { 'requirements.txt': 'numpy==2.0.1\n' }, { image: image.digest });
  });
  afterAll(async () => {
    await server.stop();
  });

  it('gives the image as one tar, with name, length and entity tag, to anybody', async () => {
    const { status, headers, body } = await fetchTar(imagePath('lab/eeg', 'v1'), server.anonymous);

    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'application/x-tar',
      'content-length': String(body.length),
      'content-disposition': 'attachment; filename="eeg-v1.tar"',
      'accept-ranges': 'bytes',
      'cache-control': 'no-cache',
      'docker-content-digest': image.digest,
      'x-content-type-options': 'nosniff',
      etag: expect.stringMatching(/^"sha256:[0-9a-f]{64}"$/),
    });
    for (const name of ['v1', 'lab/eeg:v1']) {
      const archive = await openOciArchive(bytesSource(body), { name });
      expect(archive.root.digest).toBe(image.digest);
      expect(archive.missing).toEqual([]);
    }
    const docker = await openDockerArchive(bytesSource(body), { name: 'lab/eeg:v1' });
    const chunks: Uint8Array[] = [];
    for await (const chunk of docker.blob(image.layer as Digest)) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(image.bytes)).toBe(true);
  });

  it('gives the same bytes by tag and by version, and others under another name', async () => {
    const byTag = await fetchTar(imagePath('lab/eeg', 'v1'), server.anonymous);
    const byVersion = await fetchTar('versions/lab%2Feeg@v1/image.tar', server.anonymous);
    const byDigest = await fetchTar(imagePath('lab/eeg', image.digest), server.anonymous);

    expect(byVersion.body.equals(byTag.body)).toBe(true);
    expect(byVersion.headers.etag).toBe(byTag.headers.etag);
    expect(byDigest.headers.etag).not.toBe(byTag.headers.etag);
    const short = image.digest.slice('sha256:'.length, 'sha256:'.length + 12);
    expect(byDigest.headers['content-disposition']).toBe(`attachment; filename="eeg-${short}.tar"`);
  });

  it('tells all of it on HEAD, without a body', async () => {
    const get = await fetchTar(imagePath('lab/eeg', 'v1'), server.anonymous);
    const head = await fetchTar(imagePath('lab/eeg', 'v1'), server.anonymous, { range: 'bytes=0-9' }, 'HEAD');

    expect([head.status, head.body.length]).toEqual([200, 0]);
    for (const name of ['content-length', 'content-type', 'content-disposition', 'etag', 'accept-ranges'])
      expect(head.headers[name]).toBe(get.headers[name]);
  });

  it('sends nothing to a client that has it', async () => {
    const { etag = '' } = (await fetchTar(imagePath('lab/eeg', 'v1'), server.anonymous)).headers;

    const answer = await fetchTar(imagePath('lab/eeg', 'v1'), server.anonymous, { 'if-none-match': `"x", W/${etag}` });

    expect([answer.status, answer.body.length, answer.headers.etag]).toEqual([304, 0, etag]);
  });

  it('goes on where a download broke off', async () => {
    const { body, headers } = await fetchTar(imagePath('lab/eeg', 'v1'), server.anonymous);
    const part = async (range: string, more = {}): Promise<Answer> =>
      await fetchTar(imagePath('lab/eeg', 'v1'), server.anonymous, { range, ...more });

    const rest = await part('bytes=50000-', { 'if-range': headers.etag });

    expect([rest.status, rest.headers['content-range']]).toEqual([
      206,
      `bytes 50000-${body.length - 1}/${body.length}`,
    ]);
    expect(rest.headers['content-length']).toBe(String(body.length - 50_000));
    expect(rest.body.equals(body.subarray(50_000))).toBe(true);
    expect((await part('bytes=700-1300')).body.equals(body.subarray(700, 1301))).toBe(true);
    expect((await part('bytes=-600')).body.equals(body.subarray(-600))).toBe(true);
    expect((await part('bytes=50000-', { 'if-range': '"other"' })).status).toBe(200);
    expect((await part('bytes=0-1,4-5')).status).toBe(200);
    const beyond = await part(`bytes=${body.length}-`);
    expect([beyond.status, beyond.headers['content-range']]).toEqual([416, `bytes */${body.length}`]);
  });

  it('shows what may not be seen as what is not there', async () => {
    await pushImage('lab/closed', 'v1');
    const stranger = await server.account('eve');

    for (const client of [server.anonymous, stranger])
      expect(await problemOf(client.get(imagePath('lab/closed', 'v1')))).toMatchObject({
        status: 404,
        code: 'NAME_UNKNOWN',
      });
    const { status, headers } = await fetchTar(imagePath('lab/closed', 'v1'), lab);
    expect([status, headers['cache-control']]).toEqual([200, 'private, no-cache']);
  });

  it('says that a version has no image', async () => {
    await lab.publish('lab/files', { 'requirements.txt': 'numpy==2.0.1\n' });

    expect(await problemOf(lab.get('versions/lab%2Ffiles@v1/image.tar'))).toMatchObject({
      status: 404,
      errors: { what: 'image' },
    });
  });

  it.each([
    [imagePath('lab/eeg', 'v9'), 404, 'MANIFEST_UNKNOWN'],
    [imagePath('lab/eeg', `sha256:${'0'.repeat(64)}`), 404, 'MANIFEST_UNKNOWN'],
    [imagePath('lab/eeg', 'sha256:0'), 400, 'DIGEST_INVALID'],
    [imagePath('lab/eeg', '%22%0d%0aX-A:b'), 400, 'DIGEST_INVALID'],
    [imagePath('lab/eeg', '%22%0d%0a'), 404, 'MANIFEST_UNKNOWN'],
    [imagePath('lab/eeg', '%00'), 404, 'MANIFEST_UNKNOWN'],
    [imagePath('lab/none', 'v1'), 404, 'NAME_UNKNOWN'],
    [imagePath('../../etc', 'v1'), 404, 'NAME_UNKNOWN'],
    [`${imagePath('lab/eeg', 'v1')}?platform=linux`, 400, 'REQUEST_INVALID'],
    [`${imagePath('lab/eeg', 'v1')}?platform=linux/amd64/%22`, 400, 'REQUEST_INVALID'],
    [`${imagePath('lab/eeg', 'v1')}?platform=linux/arm64`, 404, 'PLATFORM_UNKNOWN'],
    ['versions/lab%2Feeg@v9/image.tar', 404, 'VERSION_UNKNOWN'],
    ['versions/lab%2Fnone/image.tar', 404, 'RECORD_UNKNOWN'],
  ])('answers %s with %i %s', async (url, status, code) => {
    expect(await problemOf(lab.get(url))).toMatchObject({ status, code });
  });

  describe('an image for several platforms', () => {
    let amd64: Pushed;
    let arm64: Pushed;
    let index: string;
    const arm64Platform = { os: 'linux', architecture: 'arm64', variant: 'v8' };

    beforeAll(async () => {
      amd64 = await pushImage('lab/multi', 'amd64');
      arm64 = await pushImage('lab/multi', 'arm64', [], 'arm64');
      index = await pushIndex('lab/multi', 'both', [
        [amd64, { os: 'linux', architecture: 'amd64' }],
        [arm64, arm64Platform],
      ]);
    });

    it('comes whole, and as the image for linux/amd64 to those who know no platforms', async () => {
      const { body, headers } = await fetchTar(imagePath('lab/multi', 'both'), lab);

      expect(headers['docker-content-digest']).toBe(index);
      const archive = await openOciArchive(bytesSource(body));
      expect(archive.root.digest).toBe(index);
      expect([...archive.manifests.keys()].toSorted()).toEqual([amd64.digest, arm64.digest].toSorted());
      expect(archive.missing).toEqual([]);
      expect(body.includes(`"Layers":["blobs/sha256/${amd64.layer.slice('sha256:'.length)}"]`)).toBe(true);
    });

    it.each(['linux/arm64', 'linux/arm64/v8'])('comes as the image for %s alone', async (platform) => {
      const { body, headers } = await fetchTar(`${imagePath('lab/multi', 'both')}?platform=${platform}`, lab);

      expect(headers['docker-content-digest']).toBe(arm64.digest);
      expect(headers['content-disposition']).toBe(
        `attachment; filename="multi-both-${platform.replaceAll('/', '-')}.tar"`,
      );
      const archive = await openOciArchive(bytesSource(body));
      expect(archive.root.digest).toBe(arm64.digest);
      expect(archive.blobs).toHaveLength(2);
      expect(body.includes(`"Layers":["blobs/sha256/${arm64.layer.slice('sha256:'.length)}"]`)).toBe(true);
    });

    it('is refused for a platform that it has not, with those that it has', async () => {
      const problem = await problemOf(lab.get(`${imagePath('lab/multi', 'both')}?platform=linux/s390x`));

      expect(problem).toMatchObject({
        status: 404,
        code: 'PLATFORM_UNKNOWN',
        errors: {
          available: [
            { platform: 'linux/amd64', digest: amd64.digest },
            { platform: 'linux/arm64/v8', digest: arm64.digest },
          ],
        },
      });
    });

    it('is asked by its configs where the index does not say the platforms, and at any depth', async () => {
      const inner = await pushIndex('lab/multi', 'inner', [[amd64], [arm64]], DOCKER_MANIFEST_LIST);
      const entry = { ...amd64, digest: inner, mediaType: DOCKER_MANIFEST_LIST };
      await pushIndex('lab/multi', 'outer', [[entry]]);

      const { headers } = await fetchTar(`${imagePath('lab/multi', 'outer')}?platform=linux/arm64`, lab);

      expect(headers['docker-content-digest']).toBe(arm64.digest);
    });

    it('is refused as a whole when one image is not here any more, and given for the other platform', async () => {
      const lost = await pushImage('lab/multi', 'lost', [], 's390x');
      await pushIndex('lab/multi', 'sparse', [
        [lost, { os: 'linux', architecture: 's390x' }],
        [arm64, arm64Platform],
      ]);
      const statement = 'DELETE FROM repository_manifest USING image_manifest WHERE manifest_id = id AND digest = $1';
      await server.sql('DELETE FROM tag WHERE name = $1', ['lost']);
      await server.sql(statement, [lost.digest]);

      expect(await problemOf(lab.get(imagePath('lab/multi', 'sparse')))).toMatchObject({
        status: 409,
        code: 'IMAGE_NOT_PORTABLE',
        errors: { reason: 'content-absent', contents: [{ digest: lost.digest, reason: 'content-absent' }] },
      });
      expect((await fetchTar(`${imagePath('lab/multi', 'sparse')}?platform=linux/arm64`, lab)).status).toBe(200);
    });
  });

  it('does not give an image whose layers must come from elsewhere', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const mediaType = 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip';
    await pushImage('lab/foreign', 'v1', [{ mediaType, digest, size: 10 }]);

    expect(await problemOf(lab.get(imagePath('lab/foreign', 'v1')))).toMatchObject({
      status: 409,
      code: 'IMAGE_NOT_PORTABLE',
      errors: { contents: [{ digest, reason: 'not-distributable' }] },
    });
  });

  it('does not count to the end of an image that names more than any image has', async () => {
    const layers = Array.from({ length: 10_001 }, (_, index) => ({
      mediaType: 'a/b',
      digest: `sha256:${index.toString(16).padStart(64, '0')}`,
      size: 1,
      urls: ['https://layers.example.org'],
    }));
    await pushImage('lab/huge', 'v1', layers);

    expect(await problemOf(lab.get(imagePath('lab/huge', 'v1')))).toMatchObject({
      status: 409,
      errors: { reason: 'limit', limit: 10_000 },
    });
  });

  it('says that a blob is lost before the first byte, on GET and not on HEAD', async () => {
    const damaged = await pushImage('lab/damaged', 'short');
    await chmod(storedFile(damaged.layer), 0o644);
    await truncate(storedFile(damaged.layer), 1000);

    expect(await problemOf(lab.get(imagePath('lab/damaged', 'short')))).toMatchObject({
      status: 500,
      code: 'BLOB_CORRUPT',
      errors: { digest: damaged.layer, expected: 100_000, actual: 1000 },
    });
    expect((await fetchTar(imagePath('lab/damaged', 'short'), lab, {}, 'HEAD')).status).toBe(200);
  });

  it('breaks the connection when the bytes of a blob are others, so that nobody takes the tar for whole', async () => {
    const damaged = await pushImage('lab/damaged', 'other');
    await chmod(storedFile(damaged.layer), 0o644);
    await writeFile(storedFile(damaged.layer), randomBytes(100_000));

    await expect(fetchTar(imagePath('lab/damaged', 'other'), lab)).rejects.toThrow('aborted');
  });

  it('does not give what a scrub found damaged', async () => {
    const damaged = await pushImage('lab/damaged', 'known');
    await server.sql("UPDATE blob SET state = 'suspect' WHERE digest = $1", [damaged.layer]);

    expect(await problemOf(lab.get(imagePath('lab/damaged', 'known')))).toMatchObject({
      status: 409,
      errors: { reason: 'content-damaged', contents: [{ digest: damaged.layer, reason: 'content-damaged' }] },
    });
  });
});

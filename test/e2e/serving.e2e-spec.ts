import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { digestOf, OCI_IMAGE_CONFIG, OCI_IMAGE_MANIFEST, OCI_LAYER_TAR } from '@envarium/oci';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FaultyS3 } from '../../libs/storage/src/s3/faulty-s3.suite.js';
import { S3Bucket } from '../../libs/storage/src/s3/s3-bucket.js';
import {
  findS3Servers,
  MISSING_S3_SERVER,
  startS3Server,
  type S3Server,
} from '../../libs/storage/src/s3/s3-server.suite.js';
import { findNginx, type NginxProcess, startNginx } from './nginx-process.js';
import { OciClient, type PushedBlob } from './oci-client.js';
import { ADMIN_TOKEN, startTestServer, type TestServer } from './server-harness.js';

const run = promisify(execFile);
const KIB = 1024;
const REPOSITORY = 'lab/served';

interface Pushed {
  readonly large: PushedBlob;
  readonly small: PushedBlob;
  readonly manifest: PushedBlob;
}

/** An image with a layer that is worth a detour and a config that is not. */
async function push(client: OciClient): Promise<Pushed> {
  const large = await client.pushBlob(REPOSITORY, randomBytes(300 * KIB));
  const config = { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [large.digest] } };
  const small = await client.pushBlob(REPOSITORY, Buffer.from(JSON.stringify(config)));
  const manifest = await client.pushManifest(
    REPOSITORY,
    {
      schemaVersion: 2,
      mediaType: OCI_IMAGE_MANIFEST,
      config: { mediaType: OCI_IMAGE_CONFIG, digest: small.digest, size: small.bytes.length },
      layers: [{ mediaType: OCI_LAYER_TAR, digest: large.digest, size: large.bytes.length }],
    },
    'v1',
  );
  return { large, small, manifest };
}

const blobPath = ({ digest }: PushedBlob): string => `/v2/${REPOSITORY}/blobs/${digest}`;
const clientOf = (host: string): OciClient => new OciClient(host, null).as({ name: 'admin', secret: ADMIN_TOKEN });

/** Pulls with an unmodified client; returns what it stored under the digest of the layer. */
async function skopeoPull(host: string, { large }: Pushed): Promise<Buffer> {
  const directory = await mkdtemp(path.join(tmpdir(), 'envarium-serving-'));
  try {
    const from = `docker://${host}/${REPOSITORY}:v1`;
    const options = ['--src-tls-verify=false', '--src-creds', `admin:${ADMIN_TOKEN}`];
    await run('skopeo', ['--insecure-policy', 'copy', ...options, from, `dir:${directory}`]);
    return await readFile(path.join(directory, large.digest.slice('sha256:'.length)));
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function hasSkopeo(): Promise<boolean> {
  return await run('skopeo', ['--version']).then(
    () => true,
    () => false,
  );
}

const s3Servers = findS3Servers();
if (s3Servers.length === 0) {
  console.warn(MISSING_S3_SERVER);
  it(`redirect: ${MISSING_S3_SERVER}`, ({ skip }) => skip());
}

describe.each(s3Servers)('serving mode redirect with %s', (binary) => {
  let s3: S3Server;
  let proxy: FaultyS3;
  let server: TestServer;
  let client: OciClient;
  let pushed: Pushed;

  beforeAll(async () => {
    s3 = await startS3Server(binary);
    const { endpoint, bucket, accessKey, secretKey } = s3.config('served');
    // Stands for the name that clients know the store by; sees what they send.
    proxy = new FaultyS3(endpoint);
    await proxy.start();
    server = await startTestServer({
      ENVARIUM_SERVING_MODE: 'redirect',
      ENVARIUM_S3_ENDPOINT: endpoint,
      ENVARIUM_S3_PUBLIC_ENDPOINT: proxy.through(s3.config('served')).endpoint,
      ENVARIUM_S3_BUCKET: bucket,
      ENVARIUM_S3_ACCESS_KEY: accessKey,
      ENVARIUM_S3_SECRET_KEY: secretKey,
    });
    await server.admin.post('namespaces', { name: 'lab' }).expect(201);
    client = clientOf(new URL(server.url).host);
    pushed = await push(client);
  });

  beforeEach(() => proxy.heal());

  afterAll(async () => {
    await server.stop();
    await proxy.stop();
    await s3.stop();
  });

  it('sends a client that wants a whole, large blob to the store', async () => {
    const { status, headers, body } = await client.send('GET', blobPath(pushed.large));

    expect({ status, length: body.length }).toEqual({ status: 307, length: 0 });
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'content-length': '0',
      'docker-content-digest': pushed.large.digest,
    });
    expect([headers['etag'], headers['accept-ranges'], headers['content-type']]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    const location = new URL(headers.location ?? '');
    expect(location.origin).toBe(proxy.through(s3.config('served')).endpoint);
    expect(location.searchParams.get('X-Amz-Expires')).toBe('900');

    const answer = await fetch(location);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/octet-stream']);
    expect(digestOf(Buffer.from(await answer.arrayBuffer()))).toBe(pushed.large.digest);
  });

  it('gives the bytes to a client that follows, whose login stays here', async () => {
    const authorization = `Basic ${Buffer.from(`admin:${ADMIN_TOKEN}`).toString('base64')}`;

    const answer = await fetch(`${server.url}${blobPath(pushed.large)}`, { headers: { authorization } });

    expect(digestOf(Buffer.from(await answer.arrayBuffer()))).toBe(pushed.large.digest);
    expect(proxy.calls).toEqual([expect.stringMatching(/^GetObject blobs\/sha256\//)]);
    expect(proxy.headers[0]?.authorization).toBeUndefined();
  });

  it('gives skopeo the image', async ({ skip }) => {
    if (!(await hasSkopeo())) skip('SKIPPED: skopeo is not installed');

    const layer = await skopeoPull(client.host, pushed);

    expect(digestOf(layer)).toBe(pushed.large.digest);
    expect(proxy.calls).toHaveLength(1);
    expect(proxy.headers[0]?.authorization).toBeUndefined();
  });

  it('answers everything else itself', async () => {
    const { large, small, manifest } = pushed;
    const answers = [
      await client.send('HEAD', blobPath(large)),
      await client.send('GET', blobPath(large), { headers: { range: 'bytes=1-3' } }),
      await client.send('GET', blobPath(large), { headers: { 'if-none-match': `"${large.digest}"` } }),
      await client.send('GET', blobPath(small)),
      await client.send('GET', `/v2/${REPOSITORY}/manifests/${manifest.digest}`),
      await new OciClient(client.host, null).send('GET', blobPath(large)),
      await client.send('GET', `/v2/${REPOSITORY}/blobs/${digestOf(Buffer.from('never pushed'))}`),
    ];

    expect(answers.map(({ status, headers }) => [status, headers.location])).toEqual(
      [200, 206, 304, 200, 200, 401, 404].map((status) => [status, undefined]),
    );
    expect(answers[0]?.headers).toMatchObject({ 'content-length': String(300 * KIB), 'accept-ranges': 'bytes' });
    expect(answers[1]?.body).toEqual(large.bytes.subarray(1, 4));
    expect(proxy.calls).toEqual([]);
  });

  it('does not send anybody to a blob that the store has lost', async () => {
    const lost = await client.pushBlob(REPOSITORY, randomBytes(300 * KIB));
    const hex = lost.digest.slice('sha256:'.length);
    await new S3Bucket(s3.config('served')).remove(`blobs/sha256/${hex.slice(0, 2)}/${hex}`);

    const answer = await client.send('GET', blobPath(lost));

    expect([answer.status, answer.headers.location]).toEqual([500, undefined]);
  });
});

describe('serving mode x-accel', () => {
  const binary = findNginx();
  if (binary === null) {
    console.warn('SKIPPED: nginx is not installed; apt-get install nginx-light');
    it('SKIPPED: nginx is not installed; apt-get install nginx-light', ({ skip }) => skip());
    return;
  }
  let server: TestServer;
  let nginx: NginxProcess;
  let direct: OciClient;
  let client: OciClient;
  let pushed: Pushed;

  beforeAll(async () => {
    server = await startTestServer({ ENVARIUM_SERVING_MODE: 'x-accel' });
    await server.admin.post('namespaces', { name: 'lab' }).expect(201);
    direct = clientOf(new URL(server.url).host);
    nginx = await startNginx(binary, direct.host, path.join(server.dataDir, 'store'));
    client = clientOf(nginx.host);
    pushed = await push(client);
  });

  afterAll(async () => {
    await nginx?.stop();
    await server.stop();
  });

  const fileOf = ({ digest }: PushedBlob): string =>
    path.join(server.dataDir, 'store/blobs/sha256', digest.slice(7, 9), digest.slice(7));

  it('names the file of a whole, large blob to the server in front', async () => {
    const { status, headers, body } = await direct.send('GET', blobPath(pushed.large));

    const hex = pushed.large.digest.slice('sha256:'.length);
    expect({ status, body: body.length }).toEqual({ status: 200, body: 0 });
    expect(headers['x-accel-redirect']).toBe(`/_blobs/sha256/${hex.slice(0, 2)}/${hex}`);
  });

  it('sends the bytes with the headers that the service would send', async () => {
    const { large } = pushed;

    const { status, headers, body } = await client.send('GET', blobPath(large));

    expect(status).toBe(200);
    expect(digestOf(body)).toBe(large.digest);
    const { date: _, server: __, connection: ___, 'x-request-id': id, ...rest } = headers;
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(rest).toEqual({
      'accept-ranges': 'bytes',
      'cache-control': 'private, max-age=31536000, immutable',
      'content-length': String(300 * KIB),
      'content-type': 'application/octet-stream',
      'docker-content-digest': large.digest,
      'docker-distribution-api-version': 'registry/2.0',
      etag: `"${large.digest}"`,
      'x-content-type-options': 'nosniff',
    });
  });

  it('has the service answer everything else', async () => {
    const { large, small, manifest } = pushed;
    const answers = [
      await client.send('HEAD', blobPath(large)),
      await client.send('GET', blobPath(large), { headers: { range: 'bytes=1-3' } }),
      await client.send('GET', blobPath(large), { headers: { 'if-none-match': `"${large.digest}"` } }),
      await client.send('GET', blobPath(small)),
      await client.send('GET', `/v2/${REPOSITORY}/manifests/${manifest.digest}`),
      await new OciClient(nginx.host, null).send('GET', blobPath(large)),
    ];

    expect(answers.map(({ status }) => status)).toEqual([200, 206, 304, 200, 200, 401]);
    expect(answers[0]?.headers['content-length']).toBe(String(300 * KIB));
    expect(answers[1]?.body).toEqual(large.bytes.subarray(1, 4));
    expect(answers[3]?.body).toEqual(small.bytes);
  });

  it('opens the files to nobody who asks for them', async () => {
    const hex = pushed.large.digest.slice('sha256:'.length);

    const answer = await fetch(`http://${nginx.host}/_blobs/sha256/${hex.slice(0, 2)}/${hex}`);

    expect(answer.status).toBe(404);
  });

  it('says what is wrong when the file is not what it should be', async () => {
    const damaged = await client.pushBlob(REPOSITORY, randomBytes(300 * KIB));
    await chmod(fileOf(damaged), 0o644);
    await writeFile(fileOf(damaged), 'short');

    expect((await client.send('GET', blobPath(damaged))).status).toBe(500);
  });

  it('gives skopeo the image', async ({ skip }) => {
    if (!(await hasSkopeo())) skip('SKIPPED: skopeo is not installed');

    expect(digestOf(await skopeoPull(nginx.host, pushed))).toBe(pushed.large.digest);
  });
});

import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { buildContent, expectFailure } from '../store.suite.js';
import { S3Bucket } from './s3-bucket.js';
import { S3Reader } from './s3-reader.js';

const FULL = '<?xml version="1.0"?><Error><Code>XMinioStorageFull</Code><Message>full</Message></Error>';

describe('storage/s3/s3-bucket', () => {
  let server: Server | null = null;

  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = null;
  });

  /** A bucket of a service that misbehaves as `listener` says. */
  async function bucketOf(listener: RequestListener): Promise<S3Bucket> {
    const started = createServer(listener);
    // A server that closes idle connections would hide that we leak them.
    started.keepAliveTimeout = 60_000;
    server = started;
    await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
    return bucketAt((started.address() as AddressInfo).port);
  }

  it('gets over a service that is busy twice', async () => {
    let requests = 0;
    const bucket = await bucketOf((_request, response) => {
      requests += 1;
      response.statusCode = requests < 3 ? 503 : 200;
      response.setHeader('content-length', 5).setHeader('etag', '"x"').end();
    });

    expect(await bucket.stat('key')).toMatchObject({ size: 5 });
  });

  // Without them a call takes its deadline, which is 15 seconds.
  it('keeps its connections through a hundred failures', { timeout: 14_000 }, async () => {
    const bucket = await bucketOf((_request, response) => {
      response.statusCode = 503;
      response.end('busy');
    });

    const calls = Array.from({ length: 34 }, () => bucket.read('key', 0, 1));

    await Promise.all(calls.map((call) => expectFailure(call, 'STORE_UNAVAILABLE', { call: 'GetObject', key: 'key' })));
  });

  it('says that a full service is full', async () => {
    const bucket = await bucketOf((request, response) => {
      request.resume();
      response.statusCode = 507;
      response.end(FULL);
    });

    await expectFailure(bucket.write('key', Buffer.from('x')), 'STORE_FULL', { code: 'XMinioStorageFull' });
  });

  it('says that a service that is not there cannot be reached', async () => {
    const bucket = bucketAt(1);

    await expectFailure(bucket.stat('key'), 'STORE_UNAVAILABLE', { code: 'ECONNREFUSED' });
  });

  it('takes a download that breaks off for a failure, not for the end', async () => {
    const bucket = await bucketOf((_request, response) => {
      response.setHeader('content-length', 100);
      response.write(Buffer.alloc(50));
      setTimeout(() => response.destroy(), 20);
    });
    const part = { digest: buildContent(100, 1).digest, size: 100, start: 0, length: 100 };

    const iterating = (async () => {
      for await (const chunk of new S3Reader(bucket, part)) expect(chunk.length).toBe(50);
    })();
    await expectFailure(iterating, 'STORE_UNAVAILABLE', { call: 'GetObject' });

    const destination = new PassThrough();
    await expectFailure(new S3Reader(bucket, part).pipeTo(destination), 'STORE_UNAVAILABLE', { call: 'GetObject' });
    expect(destination.writableFinished).toBe(false);
    expect(destination.destroyed).toBe(true);
  });

  it('refuses an answer of another length than asked for', async () => {
    const bucket = await bucketOf((_request, response) => {
      response.end(Buffer.alloc(99));
    });
    const reader = new S3Reader(bucket, { digest: buildContent(100, 1).digest, size: 100, start: 0, length: 100 });

    await expectFailure(reader.pipeTo(new PassThrough()), 'BLOB_CORRUPT', { expected: 100, actual: 99 });
  });

  it('reads no more of a small object than it may', async () => {
    const bucket = await bucketOf((_request, response) => {
      response.end(Buffer.alloc(1001));
    });

    await expectFailure(bucket.readSmall('key', 1000), 'BODY_TOO_LARGE', { key: 'key', limit: 1000 });
  });
});

function bucketAt(port: number): S3Bucket {
  return new S3Bucket({
    kind: 's3',
    endpoint: `http://127.0.0.1:${port}`,
    bucket: 'bucket',
    region: 'us-east-1',
    accessKey: 'access',
    secretKey: 'secret-key',
  });
}

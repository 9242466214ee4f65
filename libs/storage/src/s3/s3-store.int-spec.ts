import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeBlobStore } from '../blob-store.suite.js';
import { blobKey } from '../layout.js';
import { MIB, buildContent, expectFailure, type StoreFixture } from '../store.suite.js';
import { PartWriter } from './part-writer.js';
import { S3Bucket } from './s3-bucket.js';
import { MISSING_S3_SERVER, findS3Servers, overwrite, startS3Server, type S3Server } from './s3-server.suite.js';
import { openS3Store } from './s3-store.js';

const binaries = findS3Servers();
if (binaries.length === 0) {
  console.warn(MISSING_S3_SERVER);
  describe('storage/s3', () => {
    it(MISSING_S3_SERVER, () => expect(binaries).toEqual([]));
  });
}

describe.each(binaries)('storage/s3 on %s', (binary) => {
  let server: S3Server;
  let buckets = 0;

  beforeAll(async () => {
    server = await startS3Server(binary);
  });

  afterAll(async () => {
    await server.stop();
  });

  const createFixture = async (): Promise<StoreFixture> => {
    const config = server.config(`bucket-${(buckets += 1)}`);
    const bucket = new S3Bucket(config);
    return {
      open: async () => await openS3Store(config),
      async staged() {
        const keys: string[] = [];
        for await (const { key } of bucket.list('staging/')) keys.push(key);
        // MinIO tells of what it remembers, so this half is up to the other servers.
        for await (const { key } of bucket.incompleteUploads('')) keys.push(`unfinished ${key}`);
        return keys;
      },
      async damage(digest, change) {
        const key = blobKey(digest);
        await overwrite(bucket, key, change((await bucket.readSmall(key, 64 * MIB)) ?? Buffer.alloc(0)));
      },
      async dispose() {
        await bucket.remove('oci-layout');
      },
    };
  };

  describeBlobStore('contract', createFixture);

  describe('s3-store', () => {
    it('makes a missing bucket, and opens it again', async () => {
      const config = server.config('made-by-us');

      await openS3Store(config);
      const store = await openS3Store(config);

      expect(store.kind).toBe('s3');
      expect((await new S3Bucket(config).readSmall('oci-layout', 100))?.toString()).toBe(
        '{"imageLayoutVersion":"1.0.0"}',
      );
    });

    it('refuses a bucket that holds something else', async () => {
      const config = server.config('not-ours');
      const bucket = new S3Bucket(config);
      await bucket.ensure();
      await bucket.write('thesis.tex', Buffer.from('do not touch'));

      await expectFailure(openS3Store(config), 'CONFIG_INVALID', { bucket: 'not-ours', found: ['thesis.tex'] });
    });

    it('refuses wrong keys at once', async () => {
      const config = { ...server.config('wrong-keys'), secretKey: 'another-secret-key' };

      await expectFailure(openS3Store(config), 'STORE_UNAVAILABLE');
    });

    it.each(['with', 'without'])('copies in parts what is too large for one call, %s a known digest', async (known) => {
      const config = server.config(`copy-${known}-digest`);
      const store = await openS3Store(config, new S3Bucket(config, { copyLimit: 16 * MIB }));
      const content = buildContent(40 * MIB, 61);
      await store.staging.create('id');
      await store.staging.append('id', 0, content.chunks());

      await store.staging.commit('id', { digest: content.digest });
      const put = await store.blobs.put(
        content.chunks(),
        known === 'with' ? { digest: content.digest, heal: true } : {},
      );

      expect(put.size).toBe(40 * MIB);
      expect((await store.blobs.verify(content.digest)).outcome).toBe('ok');
    });

    it('lists more blobs than fit on one page', async () => {
      const bucket = new S3Bucket(server.config('pages'));
      await bucket.ensure();
      for (const key of ['a', 'b', 'c', 'd', 'e']) await bucket.write(key, Buffer.from(key));

      const keys: string[] = [];
      for await (const { key } of bucket.list('', 2)) keys.push(key);

      expect(keys).toEqual(['a', 'b', 'c', 'd', 'e']);
    });

    it('commits again after a commit that was interrupted before its copy', async () => {
      const config = server.config('interrupted');
      const bucket = new S3Bucket(config);
      const store = await openS3Store(config);
      const content = buildContent(20 * MIB, 62);
      await store.staging.create('id');
      await store.staging.append('id', 0, content.chunks());
      const state = JSON.parse(((await bucket.readSmall('staging/id.json', 4096)) ?? '').toString());
      const writer = new PartWriter(bucket, 'staging/id', state);
      await writer.write((await bucket.readSmall('staging/id.tail-2', 16 * MIB)) ?? Buffer.alloc(0));
      await writer.complete();
      await writer.release();

      await (await openS3Store(config)).staging.commit('id', { digest: content.digest });

      expect((await store.blobs.verify(content.digest)).outcome).toBe('ok');
    });

    it('goes on from the last state after a crash that left a longer tail', async () => {
      const config = server.config('crashed');
      const bucket = new S3Bucket(config);
      const content = buildContent(3 * MIB, 63);
      const store = await openS3Store(config);
      await store.staging.create('id');
      await store.staging.append('id', 0, content.chunks(0, MIB));
      const longer: Buffer[] = [];
      for await (const chunk of content.chunks(0, 2 * MIB)) longer.push(chunk);
      await bucket.write('staging/id.tail-1', Buffer.concat(longer));

      const other = await openS3Store(config);
      expect(await other.staging.size('id')).toBe(MIB);
      await other.staging.append('id', MIB, content.chunks(MIB));
      await other.staging.commit('id', { digest: content.digest });

      expect((await store.blobs.verify(content.digest)).outcome).toBe('ok');
    });

    it('says that the upload is gone when S3 has forgotten its parts', async () => {
      const config = server.config('forgotten');
      const bucket = new S3Bucket(config);
      const store = await openS3Store(config);
      const content = buildContent(40 * MIB, 64);
      await store.staging.create('id');
      await store.staging.append('id', 0, content.chunks(0, 20 * MIB));
      const state = JSON.parse(((await bucket.readSmall('staging/id.json', 4096)) ?? '').toString());
      await bucket.abortUpload('staging/id', state.uploadId);

      await expectFailure(store.staging.append('id', 20 * MIB, content.chunks(20 * MIB)), 'BLOB_UPLOAD_UNKNOWN');
      await expectFailure(store.staging.commit('id', { digest: content.digest }), 'BLOB_UPLOAD_UNKNOWN');
    });
  });
});

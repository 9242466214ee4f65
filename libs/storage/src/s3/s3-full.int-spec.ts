import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MIB, buildContent, expectFailure } from '../store.suite.js';
import { S3Bucket } from './s3-bucket.js';
import { s3Code } from './s3-errors.js';
import { MISSING_S3_SERVER, findS3Servers, startS3Server, type S3Server } from './s3-server.suite.js';
import { openS3Store } from './s3-store.js';

const canMount = process.platform === 'linux' && process.getuid?.() === 0;
if (!canMount) {
  console.warn('SKIPPED: S3 on a full disk; needs root on Linux to mount a small tmpfs');
  it('storage/s3 on a full disk needs root on Linux to mount a small tmpfs', () => expect(canMount).toBe(false));
}

if (findS3Servers().length === 0) it(MISSING_S3_SERVER, ({ skip }) => skip());

describe.each(canMount ? findS3Servers() : [])('storage/s3 on a full disk of %s', (binary) => {
  let directory: string;
  let server: S3Server;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 's3-full-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${64 * MIB}`, 'tmpfs', directory]);
    server = await startS3Server(binary, directory);
  });

  afterEach(async () => {
    await server.stop();
    execFileSync('umount', [directory]);
    await rm(directory, { recursive: true });
  });

  it('says that it is full, and goes on when there is room', async () => {
    // MinIO looks before it writes, and speaks of an internal error when a write meets the end of the disk all the same.
    const tells = path.basename(binary) === 'minio' ? /^STORE_(?:FULL|UNAVAILABLE)$/ : /^STORE_FULL$/;
    const config = server.config('full');
    const store = await openS3Store(config, new S3Bucket(config, { pauseMs: 1 }));
    const kept = buildContent(20 * MIB, 81);
    await store.blobs.put(kept.chunks(), { digest: kept.digest });
    const large = buildContent(100 * MIB, 82);
    await store.staging.create('id');

    for (const write of [
      () => store.blobs.put(large.chunks(), { digest: large.digest }),
      () => store.staging.append('id', 0, large.chunks()),
    ]) {
      await expect(write()).rejects.toMatchObject({ code: expect.stringMatching(tells) });
    }

    expect((await store.blobs.verify(kept.digest)).outcome).toBe('ok');
    expect(await store.blobs.stat(large.digest)).toBeNull();
    await store.staging.discard('id');
    await store.staging.expire(new Date(Date.now() + 86_400_000));
    await store.removal.remove(kept.digest);
    const small = buildContent(MIB, 83);
    // MinIO asks the disk at most once a second, and says until then that it is full.
    const put = async (): Promise<string | undefined> =>
      await store.blobs.put(small.chunks(), { digest: small.digest }).then(() => 'kept', s3Code);
    await expect.poll(put, { timeout: 20_000, interval: 200 }).toBe('kept');
    expect((await store.blobs.verify(small.digest)).outcome).toBe('ok');
  });
});

describe.each(findS3Servers().filter((binary) => path.basename(binary) === 'versitygw'))(
  'storage/s3 on a read-only %s',
  (binary) => {
    it('cannot be written, and can be read', async () => {
      const directory = await mkdtemp(path.join(tmpdir(), 's3-read-only-'));
      const content = buildContent(1000, 84);
      let server = await startS3Server(binary, directory);
      const writable = await openS3Store(server.config('archive'));
      await writable.blobs.put(content.chunks(), { digest: content.digest });
      await server.stop();
      server = await startS3Server(binary, directory, ['--readonly']);

      const store = await openS3Store(server.config('archive'));

      await expectFailure(store.blobs.put(buildContent(10, 1).chunks(), {}), 'STORE_UNAVAILABLE', {
        code: 'AccessDenied',
      });
      await expectFailure(store.probe(), 'STORE_UNAVAILABLE', { code: 'AccessDenied' });
      expect((await store.blobs.verify(content.digest)).outcome).toBe('ok');
      await server.stop();
      await rm(directory, { recursive: true });
    });
  },
);

import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseDigest } from '@envarium/oci';
import { openStore } from '@envarium/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scheduledTasks } from '../../apps/resolver/src/tasks.js';
import { pushImage, startTestServer, type TestServer } from './server-harness.js';

const UPKEEP = { fixityDays: 90, fixityBytesPerSecond: 1 << 20, decayDays: 30, decayWholeDays: 365, removalDays: null };

describe('e2e/second-store', () => {
  let server: TestServer;
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'envarium-second-'));
    server = await startTestServer({ ENVARIUM_SECOND_STORE_DIR: path.join(directory, 'store') });
    await server.admin.post('namespaces', { name: 'lab' }).expect(201);
  });

  afterAll(async () => {
    await server.stop();
    await rm(directory, { recursive: true });
  });

  it('has by the clock what was deposited, and gives it back', async () => {
    const image = await pushImage(server.admin, 'lab/twice', 'v1');
    const resolver = await server.resolver();

    await scheduledTasks(resolver, UPKEEP)
      .find(({ name }) => name === 'replicate')
      ?.run();

    const second = await openStore({ kind: 'filesystem', directory: path.join(directory, 'store') });
    for (const digest of image.digests) expect((await second.blobs.verify(parseDigest(digest))).outcome).toBe('ok');
    const file = path.join(server.dataDir, 'store/blobs/sha256', image.digest.slice(7, 9), image.digest.slice(7));
    const whole = await readFile(file, 'utf8');
    await chmod(file, 0o644);
    await writeFile(file, whole.replace('2', '3'));
    await scheduledTasks(resolver, UPKEEP)
      .find(({ name }) => name === 'check-fixity')
      ?.run();
    expect(await readFile(file, 'utf8')).toBe(whole);
    const { body } = await server.admin.get('preservation-events?type=recovery').expect(200);
    expect(body).toMatchObject({ items: [{ object: image.digest, detail: { source: 'second-store' } }] });
  });

  it('keeps nobody from starting while it is out of reach', async () => {
    await writeFile(path.join(directory, 'no-directory'), '');

    await server.restart({ ENVARIUM_SECOND_STORE_DIR: path.join(directory, 'no-directory/store') });

    await server.anonymous.get('/readyz').expect(200);
    await pushImage(server.admin, 'lab/alone', 'v1', 'print(4)\n');
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ingest } from '@envarium/schema';
import { FakeRegistry } from '@envarium/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OciClient } from './oci-client.js';
import type { RestClient } from './rest-client.js';
import { startTestServer, type TestServer } from './server-harness.js';

const RESOLVER = path.resolve(import.meta.dirname, '../../dist/apps/resolver/src/main.js');

/** The resolver as a process of its own, which can be killed like one. */
describe('e2e/ingest-crash', () => {
  if (!existsSync(RESOLVER)) {
    it('SKIPPED: the program is not built; npm run build', ({ skip }) => skip());
    return;
  }
  let fake: FakeRegistry;
  let server: TestServer;
  let lab: RestClient;
  let resolver: ChildProcess | null = null;

  beforeAll(async () => {
    fake = await FakeRegistry.start();
    server = await startTestServer({ ENVARIUM_OUTBOUND_ALLOW: fake.host });
    lab = await server.account('ana', { lab: 'depositor' });
  });
  afterAll(async () => {
    await end('SIGKILL');
    await server.stop();
    await fake.stop();
  });

  const start = async (): Promise<void> => {
    resolver = spawn(process.execPath, [RESOLVER], {
      env: { ...server.environment, PATH: process.env['PATH'], ENVARIUM_LOG_LEVEL: 'silent' },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    await new Promise((resolve) => resolver?.once('message', resolve));
  };
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    if (resolver === null || resolver.exitCode !== null || resolver.signalCode !== null) return;
    const ended = new Promise((resolve) => resolver?.once('exit', resolve));
    resolver.kill(signal);
    await ended;
  };
  const until = async (id: string, isSo: (ingest: Ingest) => boolean): Promise<Ingest> => {
    for (;;) {
      const ingest = (await lab.get(`ingests/${id}`).expect(200)).body as Ingest;
      if (isSo(ingest)) return ingest;
      await sleep(50);
    }
  };
  /** Answers the request for one blob with its beginning, and then with nothing more. */
  const hold = (digest: string): void => {
    fake.fault = (request, response) => {
      if (!request.url?.endsWith(digest)) return false;
      response.write('x');
      return true;
    };
  };
  const sample = (tag: string) => {
    const [first, second] = [randomBytes(400_000), randomBytes(300_000)];
    const index = fake.addIndex([fake.addImage(first), fake.addImage(second)], tag);
    return { index, held: fake.addBlob(second).digest, whole: fake.addBlob(first).digest };
  };
  const request = async (name: string, tag: string): Promise<string> => {
    const body = { source: `${fake.host}/a/eeg:${tag}` };
    return ((await lab.post(`repositories/lab%2F${name}/ingests`, body).expect(202)).body as Ingest).id;
  };
  const countOf = (digest: string): number => fake.asked.filter((line) => line.endsWith(digest)).length;

  it('ends a copy that a killed resolver began, with what was there when it began', async () => {
    const { index, held, whole } = sample('killed');
    hold(held);
    await start();
    const id = await request('killed', 'killed');
    await until(id, ({ progress }) => progress?.blobs.done === 3);

    await end('SIGKILL');
    const left = await until(id, () => true);
    fake.behave();
    fake.addImage(Buffer.from('the tag has moved'), ['killed']);
    // The lease of the dead: time passes.
    await server.sql(`UPDATE ingest SET lease_until = now() - interval '1 second' WHERE id = $1`, [id]);
    await start();
    const done = await until(id, ({ state }) => state !== 'running');

    expect(left).toMatchObject({ state: 'running', attempts: 1 });
    expect(done).toMatchObject({ state: 'done', attempts: 2, digest: index.digest, problem: null });
    expect([countOf(whole), countOf(held)]).toEqual([0, 1]);
    const oci = new OciClient(new URL(server.url).host, null).as({ name: 'ana', secret: lab.token ?? '' });
    const manifest = await oci.send('GET', '/v2/lab/killed/manifests/killed');
    expect(manifest.body.equals(index.bytes)).toBe(true);
    for (const blob of [whole, held]) {
      const { body } = await oci.send('GET', `/v2/lab/killed/blobs/${blob}`);
      expect(body.equals(fake.blobs.get(blob) ?? Buffer.alloc(0))).toBe(true);
    }
    await end('SIGTERM');
  });

  it('gives a copy back when it is stopped, so that the next resolver goes on at once', async () => {
    const { index, held } = sample('stopped');
    hold(held);
    await start();
    const id = await request('stopped', 'stopped');
    await until(id, ({ progress }) => progress?.blobs.done === 3);

    await end('SIGTERM');
    const left = await until(id, () => true);
    fake.behave();
    await start();
    const done = await until(id, ({ state }) => state !== 'running' && state !== 'queued');

    expect(left).toMatchObject({ state: 'queued', attempts: 1 });
    expect(done).toMatchObject({ state: 'done', attempts: 2, digest: index.digest });
    await end('SIGTERM');
  });
});

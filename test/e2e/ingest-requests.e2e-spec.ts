import { randomBytes } from 'node:crypto';
import { IngestRunner } from '@envarium/ingest';
import type { Ingest } from '@envarium/schema';
import { FakeRegistry } from '@envarium/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { problemOf, type RestClient } from './rest-client.js';
import { startTestServer, type TestServer } from './server-harness.js';

describe('e2e/ingest-requests', () => {
  let fake: FakeRegistry;
  let server: TestServer;
  let lab: RestClient;

  beforeAll(async () => {
    fake = await FakeRegistry.start();
    server = await startTestServer({ ENVARIUM_OUTBOUND_ALLOW: '127.0.0.1' });
    lab = await server.account('ana', { lab: 'depositor' });
    fake.addImage(randomBytes(100), ['v1']);
  });
  afterEach(() => fake.behave());
  afterAll(async () => {
    await server.stop();
    await fake.stop();
  });

  const request = async (name: string, body: object): Promise<Ingest> =>
    (await lab.post(`repositories/${encodeURIComponent(name)}/ingests`, body).expect(202)).body as Ingest;
  const drain = async (): Promise<void> => {
    await (await server.resolver()).get(IngestRunner, { strict: false }).drain();
  };
  const find = async (id: string): Promise<Ingest> => (await lab.get(`ingests/${id}`).expect(200)).body as Ingest;
  const ingest = async (name: string, body: object): Promise<Ingest> => {
    const { id } = await request(name, body);
    await drain();
    return await find(id);
  };

  it.each([
    [{ source: 'oci://registry.example.org/lab/eeg' }, 400, 'NAME_INVALID'],
    [{ source: 'registry.example.org/lab/eeg:..' }, 400, 'TAG_INVALID'],
    [{ source: 'registry.example.org/lab/eeg@sha256:abc' }, 400, 'DIGEST_INVALID'],
    [{ source: 'registry.example.org/lab/eeg', tag: 'a b' }, 400, 'TAG_INVALID'],
    [{ source: 'registry.example.org/lab/eeg', tag: 'v1.record' }, 409, 'TAG_IMMUTABLE'],
    [{ source: 'registry.example.org:99999/lab/eeg' }, 400, 'NAME_INVALID'],
    [{ source: '1.2.3.4.5/lab/eeg' }, 400, 'NAME_INVALID'],
    [{ source: 'registry.example.org/a\0b' }, 400, 'REQUEST_INVALID'],
    [{ source: '10.0.0.1/lab/eeg' }, 422, 'OUTBOUND_REFUSED'],
    [{ source: '[::1]:5000/lab/eeg' }, 422, 'OUTBOUND_REFUSED'],
    [{ source: '169.254.169.254/lab/eeg' }, 422, 'OUTBOUND_REFUSED'],
    [{ source: '' }, 400, 'REQUEST_INVALID'],
    [{}, 400, 'REQUEST_INVALID'],
  ])('refuses %j', async (body, status, code) => {
    expect(await problemOf(lab.post('repositories/lab%2Frefused/ingests', body))).toMatchObject({ status, code });
  });

  it('makes one job of a request that is repeated with its key', async () => {
    fake.addImage(randomBytes(100), ['once']);
    const body = { source: `${fake.host}/a/eeg:once` };
    const send = async () =>
      await lab.post('repositories/lab%2Fonce/ingests', body).set('Idempotency-Key', 'k1').expect(202);

    const [first, again] = [await send(), await send()];

    expect(again.body).toEqual(first.body);
    expect(again.headers['location']).toBe(first.headers['location']);
    const { items } = (await lab.get('repositories/lab%2Fonce/ingests').expect(200)).body as { items: Ingest[] };
    expect(items).toHaveLength(1);
    await drain();
  });

  it('lists those of a repository, newest first, page by page', async () => {
    for (let i = 0; i < 5; i++) await request('lab/listed', { source: `${fake.host}/a/eeg:t${i}` });

    const listed = await lab.pages<Ingest>('repositories/lab%2Flisted/ingests', { limit: '2' });

    expect(listed.map(({ tag }) => tag)).toEqual(['t4', 't3', 't2', 't1', 't0']);
    for (const { id } of listed) await lab.post(`ingests/${id}/cancel`).expect(200);
  });

  it('shows and gives nothing to other tenants', async () => {
    const { id } = await request('lab/eeg', { source: `${fake.host}/a/eeg:v1` });
    const stranger = await server.account('dora', { elsewhere: 'owner' });
    const reader = await server.account('rita', { lab: 'reader' });

    expect(await problemOf(stranger.get(`ingests/${id}`))).toMatchObject({ status: 404, code: 'INGEST_UNKNOWN' });
    expect(await problemOf(stranger.post(`ingests/${id}/cancel`))).toMatchObject({
      status: 404,
      code: 'INGEST_UNKNOWN',
    });
    expect(await problemOf(stranger.get('repositories/lab%2Feeg/ingests'))).toMatchObject({ status: 404 });
    expect(await problemOf(lab.get('ingests/nonsense%00'))).toMatchObject({ status: 404, code: 'INGEST_UNKNOWN' });
    expect(await problemOf(server.anonymous.get(`ingests/${id}`))).toMatchObject({ status: 401 });
    await reader.get(`ingests/${id}`).expect(200);
    expect(await problemOf(reader.post(`ingests/${id}/cancel`))).toMatchObject({ status: 403, code: 'DENIED' });
    await drain();
  });

  it('cancels what waits and what runs, and nothing that has ended', async () => {
    const waiting = await request('lab/cancelled', { source: `${fake.host}/a/eeg:v1` });
    await lab.post(`ingests/${waiting.id}/cancel`).expect(200);
    await drain();
    expect(await find(waiting.id)).toMatchObject({ state: 'cancelled', attempts: 0 });
    await lab.post(`ingests/${waiting.id}/cancel`).expect(200);

    fake.addImage(randomBytes(100_000), ['slow']);
    const running = await request('lab/cancelled', { source: `${fake.host}/a/eeg:slow` });
    fake.fault = (asked, response) => {
      if (!asked.url?.includes('/blobs/')) return false;
      // Nothing comes after this; the request for the blob is when we cancel.
      response.write('x');
      void lab.post(`ingests/${running.id}/cancel`).then(() => {});
      return true;
    };
    await drain();
    expect(await find(running.id)).toMatchObject({ state: 'cancelled' });

    fake.behave();
    const done = await ingest('lab/cancelled', { source: `${fake.host}/a/eeg:slow` });
    expect(await problemOf(lab.post(`ingests/${done.id}/cancel`))).toMatchObject({
      status: 409,
      code: 'INGEST_ENDED',
    });
  });
});

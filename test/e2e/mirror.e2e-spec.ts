import { randomBytes } from 'node:crypto';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { IngestRunner } from '@envarium/ingest';
import { FixityService, type FixityReport } from '@envarium/registry';
import { type FakeManifest, FakeRegistry } from '@envarium/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RestClient } from './rest-client.js';
import { startTestServer, type TestServer } from './server-harness.js';

describe('e2e/mirror', () => {
  let fake: FakeRegistry;
  let server: TestServer;
  let lab: RestClient;
  let image: FakeManifest;
  let layer: string;

  beforeAll(async () => {
    fake = await FakeRegistry.start();
    server = await startTestServer({ ENVARIUM_OUTBOUND_ALLOW: '127.0.0.1' });
    lab = await server.account('ana', { lab: 'depositor' });
    image = fake.addImage(randomBytes(300_000), ['v1']);
    layer = (JSON.parse(image.bytes.toString()) as { layers: { digest: string }[] }).layers[0]?.digest ?? '';
    await lab.post('repositories/lab%2Feeg/ingests', { source: `docker://${fake.host}/a/eeg:v1` }).expect(202);
    await (await server.resolver()).get(IngestRunner, { strict: false }).drain();
  });
  afterAll(async () => {
    await server.stop();
    await fake.stop();
  });

  const fileOf = (digest: string): string =>
    path.join(server.dataDir, 'store/blobs/sha256', digest.slice(7, 9), digest.slice(7));

  async function flip(digest: string): Promise<void> {
    const bytes = await readFile(fileOf(digest));
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    await chmod(fileOf(digest), 0o644);
    await writeFile(fileOf(digest), bytes);
  }

  async function scrub(): Promise<Map<string, FixityReport>> {
    const fixity = (await server.resolver()).get(FixityService, { strict: false });
    const reports = await fixity.check({ bytes: Number.POSITIVE_INFINITY, olderThan: new Date() });
    return new Map(reports.map((report) => [report.digest, report]));
  }

  it('gives back a layer and an image manifest that were damaged here', async () => {
    const whole = await readFile(fileOf(layer));
    await flip(layer);
    await rm(fileOf(image.digest));

    const reports = await scrub();

    expect(reports.get(layer)).toMatchObject({ outcome: 'mismatch', healedFrom: 'mirror' });
    expect(reports.get(image.digest)).toMatchObject({ outcome: 'missing', healedFrom: 'mirror' });
    expect((await readFile(fileOf(layer))).equals(whole)).toBe(true);
    expect((await lab.get(`/v2/lab/eeg/manifests/${image.digest}`).expect(200)).headers['docker-content-digest']).toBe(
      image.digest,
    );
    const { body } = await server.admin.get('preservation-events?type=recovery').expect(200);
    expect((body as { items: { detail: object }[] }).items.map(({ detail }) => detail)).toEqual([
      { source: 'mirror' },
      { source: 'mirror' },
    ]);
  });

  it('gives nothing back while it has not the bytes, and does so later', async () => {
    await flip(layer);
    fake.fault = (_request, response) => {
      response.writeHead(404).end();
      return true;
    };

    const away = await scrub();
    const hidden = await lab.get(`/v2/lab/eeg/blobs/${layer}`);
    fake.behave();
    await scrub();

    expect(away.get(layer)).toMatchObject({ outcome: 'mismatch', healedFrom: null });
    expect(hidden.status).toBe(404);
    await lab.get(`/v2/lab/eeg/blobs/${layer}`).expect(200);
  });
});

import { chmod, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FixityService } from '@envarium/registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemOf, type RestClient } from './rest-client.js';
import { startTestServer, type TestServer } from './server-harness.js';

describe('e2e/rest-preservation', () => {
  let server: TestServer;
  let ada: RestClient;
  const digests: string[] = [];

  beforeAll(async () => {
    server = await startTestServer();
    ada = await server.account('ada', { lab: 'owner' });
    for (const text of ['flipped', 'truncated', 'gone', 'sound']) {
      digests.push(await ada.pushBlob('lab/eeg', Buffer.from(`${text} bytes`)));
    }
  });
  afterAll(async () => {
    await server.stop();
  });

  const fileOf = (digest: string | undefined): string => {
    const hex = (digest ?? '').slice('sha256:'.length);
    return path.join(server.dataDir, 'store/blobs/sha256', hex.slice(0, 2), hex);
  };

  async function scrub(): Promise<string[]> {
    const fixity = (await server.resolver()).get(FixityService, { strict: false });
    const reports = await fixity.check({ bytes: Number.POSITIVE_INFINITY, olderThan: new Date() });
    return reports.map(({ digest, outcome }) => `${digest} ${outcome}`);
  }

  const gauges = async (): Promise<string[]> =>
    (await server.anonymous.get('/metrics').expect(200)).text
      .split('\n')
      .filter((line) => line.startsWith('envarium_blobs{'));

  it('tells everybody how the stored bytes are doing', async () => {
    const before = await server.anonymous.get('fixity').expect(200);
    await scrub();
    const after = await server.anonymous.get('fixity').expect(200);

    expect(before.body).toMatchObject({ blobs: 4, unverified: 4, oldestCheckAt: null, suspect: 0, missing: 0 });
    expect(after.body).toMatchObject({ unverified: 0, oldestUnverifiedAt: null, suspect: 0, missing: 0 });
  });

  it('finds every damage with one scrub, hides it, counts it, and heals it with a push', async () => {
    const [flipped, truncated, gone, sound] = digests;
    for (const digest of [flipped, truncated]) await chmod(fileOf(digest), 0o644);
    await writeFile(fileOf(flipped), 'flopped bytes');
    await truncate(fileOf(truncated), 3);
    await rm(fileOf(gone));

    expect((await scrub()).toSorted()).toEqual(
      [`${flipped} mismatch`, `${truncated} truncated`, `${gone} missing`, `${sound} ok`].toSorted(),
    );

    expect((await server.anonymous.get('fixity')).body).toMatchObject({ suspect: 2, missing: 1 });
    expect(await gauges()).toEqual([
      'envarium_blobs{state="unverified"} 0',
      'envarium_blobs{state="suspect"} 2',
      'envarium_blobs{state="missing"} 1',
      'envarium_blobs{state="quarantined"} 0',
    ]);
    for (const digest of [flipped, truncated, gone]) await ada.get(`/v2/lab/eeg/blobs/${digest}`).expect(404);
    for (const text of ['flipped', 'truncated', 'gone']) await ada.pushBlob('lab/eeg', Buffer.from(`${text} bytes`));
    for (const digest of digests) await ada.get(`/v2/lab/eeg/blobs/${digest}`).expect(200);
    expect((await scrub()).every((line) => line.endsWith(' ok'))).toBe(true);
  });

  it('gives administrators the events in PREMIS terms, page by page', async () => {
    const all = await server.admin.pages<Record<string, unknown>>('preservation-events', { limit: '2' });
    const object = digests[0] ?? '';
    const of = await server.admin.get(`preservation-events?object=${encodeURIComponent(object)}`).expect(200);
    const recoveries = await server.admin.get('preservation-events?type=recovery').expect(200);

    expect(all).toHaveLength(6);
    expect(of.body).toMatchObject({
      items: [
        { type: 'recovery', object, agent: 'push', outcome: 'success', detail: { previous: 'suspect' } },
        { type: 'fixity check', object, agent: 'fixity', outcome: 'failure', detail: { outcome: 'mismatch' } },
      ],
      next: null,
    });
    expect((recoveries.body as { items: unknown[] }).items).toHaveLength(3);
  });

  it.each([
    ['preservation-events?type=explosion', 400, 'REQUEST_INVALID'],
    ['preservation-events?cursor=x', 400, 'CURSOR_INVALID'],
    ['preservation-events?object=%00', 400, 'REQUEST_INVALID'],
  ])('refuses %s', async (query, status, code) => {
    expect(await problemOf(server.admin.get(query))).toMatchObject({ status, code });
  });

  it('tells nobody else what happened to whose content', async () => {
    expect(await problemOf(ada.get('preservation-events'))).toMatchObject({ status: 403, code: 'DENIED' });
    expect(await problemOf(server.anonymous.get('preservation-events'))).toMatchObject({ status: 401 });
  });
});

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { DecayWatchService, PointersService } from '@envarium/decay';
import { digestOf } from '@envarium/oci';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemOf } from './rest-client.js';
import { startTestServer, type TestServer } from './server-harness.js';

const BUDGET = { pointers: 100, milliseconds: 60_000, intervalMs: 0, periodDays: 30, wholeDays: 365 };
const BYTES = Buffer.from('a wheel');

describe('e2e/rest-pointers', () => {
  let server: TestServer;
  let source: http.Server;
  let origin: string;
  let isThere = true;
  let recordId: string;

  beforeAll(async () => {
    source = http.createServer((request, response) => {
      if (isThere || request.url === '/stays') response.end(BYTES);
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => source.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(source.address() as AddressInfo).port}`;
    server = await startTestServer({ ENVARIUM_OUTBOUND_ALLOW: '127.0.0.1' });
    const ada = await server.account('ada', { lab: 'owner' });
    await ada.publish('lab/eeg', { 'requirements.txt': 'numpy==1.26.4\n' });
    recordId = ((await server.anonymous.get('records/lab%2Feeg').expect(200)).body as { id: string }).id;
  });
  afterAll(async () => {
    await server.stop();
    source.closeAllConnections();
    await new Promise((resolve) => source.close(resolve));
  });

  it('lists where a version came from, page by page, and how it stands', async () => {
    const [row] = await server.sql<{ id: string }>('SELECT id FROM record_version');
    const pointers = (await server.resolver()).get(PointersService, { strict: false });
    const at = (name: string) => ({ url: `${origin}/${name}`, digest: digestOf(BYTES), size: BYTES.length });
    await pointers.collect(BigInt(row?.id ?? 0), [at('goes'), at('stays')]);
    const path = `versions/${recordId}@v1/pointers`;

    const first = await server.anonymous.get(`${path}?limit=1`).expect(200);
    expect(first.body).toMatchObject({
      items: [{ reference: `${origin}/goes`, state: 'unchecked', lastCheckedAt: null }],
    });
    const { next } = first.body as { next: string };
    const second = await server.anonymous.get(`${path}?limit=1&cursor=${next}`).expect(200);
    expect(second.body).toEqual({
      items: [
        {
          kind: 'package',
          reference: `${origin}/stays`,
          digest: digestOf(BYTES),
          size: BYTES.length,
          state: 'unchecked',
          detail: null,
          lastCheckedAt: null,
          stateSince: null,
        },
      ],
      next: null,
    });
  });

  it('tells everybody when a source is lost, and the page says since when', async () => {
    const watch = (await server.resolver()).get(DecayWatchService, { strict: false });
    const check = async (): Promise<void> => {
      await server.sql("UPDATE upstream_pointer SET next_check_at = now() - interval '1 second'");
      await watch.check(BUDGET);
    };
    await check();
    isThere = false;
    for (let time = 0; time < 3; time++) await check();

    const { body } = await server.anonymous.get(`versions/${recordId}/pointers`).expect(200);
    expect(body).toMatchObject({
      items: [
        { reference: `${origin}/goes`, state: 'dead', detail: 'gone: status 404', lastCheckedAt: expect.any(String) },
        { reference: `${origin}/stays`, state: 'ok', detail: null },
      ],
    });
    const events = await server.sql("SELECT kind, subject FROM event WHERE kind LIKE 'pointer-%'");
    expect(events).toEqual([{ kind: 'pointer-lost', subject: 'lab/eeg@v1' }]);
    const page = (await server.anonymous.get(`/records/${recordId}`).expect(200)).text.replaceAll(/<[^>]+>/g, '');
    expect(page).toContain(
      '2 places outside of this archive, of which 1 answer as they did, 0 give something else now and 1 are gone.',
    );
    const { stateSince } = (body as { items: { stateSince: string }[] }).items[0]!;
    expect(page).toContain(`gone ${origin}/goes since ${stateSince.slice(0, 10)}`);
  });

  it('knows nothing of a version that there is not, and takes only its own cursors', async () => {
    expect(await problemOf(server.anonymous.get('versions/env-0000-0000/pointers'))).toMatchObject({ status: 404 });
    expect(await problemOf(server.anonymous.get(`versions/${recordId}/pointers?cursor=x`))).toMatchObject({
      status: 400,
      code: 'CURSOR_INVALID',
    });
  });
});

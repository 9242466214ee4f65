import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTestDatabase, type TestDatabase } from '@envarium/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { problemOf, type RestClient } from './rest-client.js';
import { startTestServer, type TestServer } from './server-harness.js';

const FILES = { 'requirements.txt': 'numpy==1.26.4\n' };
/** Root may write everywhere, and only root may mount. */
const isRoot = process.getuid?.() === 0;

/** The way to the database, which can be cut and mended. */
class Wire {
  private readonly sockets = new Set<Socket>();
  private server: Server | null = null;
  private port = 0;

  constructor(private readonly target: URL) {}

  /** The URL of the database, by this way. */
  get url(): string {
    const url = new URL(this.target);
    url.host = `127.0.0.1:${this.port}`;
    return url.href;
  }

  async mend(): Promise<void> {
    this.server = createServer((client) => {
      const upstream = connect(Number(this.target.port), this.target.hostname);
      for (const socket of [client, upstream]) {
        this.sockets.add(socket);
        socket
          .on('error', () => undefined)
          .on('close', () => {
            this.sockets.delete(socket);
            client.destroy();
            upstream.destroy();
          });
      }
      client.pipe(upstream).pipe(client);
    });
    await new Promise<void>((resolve) => this.server?.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.server?.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}

describe('e2e/rest-failures', () => {
  describe('without the database', () => {
    let server: TestServer;
    let database: TestDatabase;
    let wire: Wire;
    let ada: RestClient;

    beforeAll(async () => {
      database = await createTestDatabase();
      wire = new Wire(new URL(database.url));
      await wire.mend();
      server = await startTestServer({ DATABASE_URL: wire.url });
      ada = await server.account('ada', { lab: 'owner' });
      await ada.publish('lab/eeg', FILES);
    });

    beforeEach(async () => {
      await wire.cut();
    });

    afterEach(async () => {
      await wire.mend();
    });

    afterAll(async () => {
      await server.stop();
      await wire.cut();
      await database.drop();
    });

    it('answers 503 with a remedy, to readers and writers', async () => {
      for (const answer of [
        server.anonymous.get('records'),
        server.anonymous.get('what-ran?doi=10.5555/1'),
        ada.get('tokens'),
        ada.deposit('lab/eeg', FILES),
      ]) {
        const { status, code, detail } = await problemOf(answer);
        expect([status, code, detail]).toEqual([503, 'DATABASE_UNAVAILABLE', 'Nothing was stored. Try again later.']);
      }
      const { headers } = await server.anonymous.get('records');
      expect(headers['retry-after']).toBe('5');
    });

    it('answers 503 to registry clients', async () => {
      const { status, headers, body } = await ada.get('/v2/lab/eeg/tags/list');

      expect([status, body.errors[0].code]).toEqual([503, 'DATABASE_UNAVAILABLE']);
      expect(headers['retry-after']).toBeDefined();
    });

    it('lives, but is not ready', async () => {
      await server.anonymous.get('/healthz').expect(200);

      const { status, body, text } = await server.anonymous.get('/readyz');

      expect([status, body.status]).toEqual([503, 'unavailable']);
      expect(body.checks).toMatchObject([
        { name: 'database', ok: false },
        { name: 'object store', ok: true },
      ]);
      expect(text).not.toContain(new URL(wire.url).password);
    });

    it('goes on by itself when the database is back', async () => {
      await server.anonymous.get('records').expect(503);

      await wire.mend();

      await server.anonymous.get('/readyz').expect(200);
      await ada.deposit('lab/back', FILES).expect(201);
      await wire.cut();
    });

    it('survives a cut in the middle of requests', async () => {
      await wire.mend();
      const running = Array.from({ length: 20 }, (_, i) =>
        ada.deposit(`lab/cut-${i % 4}`, { 'a.txt': `text ${i}\n` }).then((answer) => answer),
      );
      // One is through, and the others are on their way.
      await Promise.race(running);
      await wire.cut();

      const statuses = (await Promise.all(running)).map(({ status }) => status);

      expect(statuses.filter((status) => ![200, 201, 503].includes(status))).toEqual([]);
      await wire.mend();
      for (let i = 0; i < 4; i++) expect([200, 201]).toContain((await ada.deposit(`lab/cut-${i}`, FILES)).status);
      await wire.cut();
    });
  });

  describe('while it stops', () => {
    it('answers the request that is under way, and keeps its bytes', async () => {
      const server = await startTestServer();
      const ada = await server.account('ada', { lab: 'owner' });
      const started = await ada.post('/v2/lab/late/blobs/uploads/').expect(202);
      const patch = request(new URL(started.headers['location'] ?? '', server.url), {
        method: 'PATCH',
        headers: { authorization: `Bearer ${ada.token}`, 'content-length': '6', expect: '100-continue' },
      });
      patch.flushHeaders();
      const answered = new Promise<number | undefined>((resolve, reject) => {
        patch.once('response', (answer) => resolve(answer.resume().statusCode)).once('error', reject);
      });
      // The server has the request in its hands.
      await new Promise((resolve) => patch.once('continue', resolve));

      const stopped = server.stop();
      patch.write('abc');
      await sleep(100);
      patch.end('def');

      expect(await answered).toBe(202);
      await stopped;
    });
  });

  describe('with a damaged blob', () => {
    let server: TestServer;
    let ada: RestClient;

    beforeAll(async () => {
      server = await startTestServer();
      ada = await server.account('ada', { lab: 'owner' });
    });

    afterAll(async () => {
      await server.stop();
    });

    async function blobFile(digest: string): Promise<string> {
      const hex = digest.slice('sha256:'.length);
      return path.join(server.dataDir, 'store/blobs/sha256', hex.slice(0, 2), hex);
    }

    it('does not hand out bytes that are not what their digest says', async () => {
      await ada.publish('lab/damaged', { 'notes.txt': 'the truth, and nothing but\n' });
      const { body } = await ada.get('versions/lab%2Fdamaged@v1/files').expect(200);
      const file = await blobFile(body.items[0].digest);
      await chmod(file, 0o644);
      await writeFile(file, (await readFile(file, 'utf8')).replace('truth', 'wrong'));

      const { status, code } = await problemOf(server.anonymous.get('versions/lab%2Fdamaged@v1/files/notes.txt'));

      expect([status, code]).toEqual([500, 'BLOB_CORRUPT']);
    });

    it('says that bytes are gone, and heals with the next deposit of the same content', async () => {
      await ada.publish('lab/gone', { 'gone.txt': 'here today\n' });
      const { body } = await ada.get('versions/lab%2Fgone@v1/files').expect(200);
      await rm(await blobFile(body.items[0].digest));

      expect((await problemOf(server.anonymous.get('versions/lab%2Fgone@v1/files/gone.txt'))).code).toBe(
        'BLOB_UNKNOWN',
      );
      await ada.deposit('lab/gone', { 'gone.txt': 'here today\n' }).expect(201);

      await server.anonymous.get('versions/lab%2Fgone@v1/files/gone.txt').expect(200);
    });
  });

  describe.runIf(isRoot)('with a full object store', () => {
    let server: TestServer;
    let ada: RestClient;
    let dataDir: string;

    beforeAll(async () => {
      dataDir = await mkdtemp(path.join(tmpdir(), 'envarium-full-'));
      await mkdir(path.join(dataDir, 'store'));
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path.join(dataDir, 'store')]);
      server = await startTestServer({ ENVARIUM_DATA_DIR: dataDir });
      ada = await server.account('ada', { lab: 'owner' });
      await ada.publish('lab/eeg', FILES);
      await ada.deposit('lab/draft', FILES).expect(201);
      await writeFile(path.join(dataDir, 'store/staging/ballast'), Buffer.alloc(2_000_000)).catch(() => undefined);
    });

    afterAll(async () => {
      await server.stop();
      execFileSync('umount', [path.join(dataDir, 'store')]);
      await rm(dataDir, { recursive: true });
    });

    const rows = async (): Promise<unknown> =>
      await server.sql(`SELECT (SELECT count(*) FROM repository) AS repositories, (SELECT count(*) FROM record_version) AS versions,
        (SELECT count(*) FROM event) AS events, (SELECT count(*) FROM blob) AS blobs, (SELECT count(*) FROM run) AS runs`);

    it.each([
      ['a deposit', () => ada.deposit('lab/new', { 'big.txt': 'x'.repeat(100_000) })],
      ['a small deposit', () => ada.deposit('lab/new', { 'small.txt': 'x' })],
      ['a publication', () => ada.post('versions/lab%2Fdraft@v1/publish', {})],
      ['a link', () => ada.post('versions/lab%2Feeg@v1/links', { article: '10.5555/full', output: 'Figure 1' })],
    ])('answers 507 to %s and leaves no rows', async (_, write) => {
      const before = await rows();

      const { status, code, detail } = await problemOf(write());

      expect([status, code]).toEqual([507, 'STORE_FULL']);
      expect(detail).toContain('Nothing was stored.');
      expect(await rows()).toEqual(before);
    });

    it('is not ready, and still serves readers', async () => {
      const { status, body } = await server.anonymous.get('/readyz');

      expect([status, body.checks]).toMatchObject([503, [{ ok: true }, { name: 'object store', ok: false }]]);
      await server.anonymous.get('versions/lab%2Feeg@v1/files/requirements.txt').expect(200);
    });

    it('goes on by itself when there is space again', async () => {
      await rm(path.join(dataDir, 'store/staging/ballast'));

      await server.anonymous.get('/readyz').expect(200);
      await ada.deposit('lab/new', { 'small.txt': 'x' }).expect(201);
      await ada.post('versions/lab%2Fdraft@v1/publish', {}).expect(200);
    });

    it('answers 503 to writers while the store is read-only', async () => {
      execFileSync('mount', ['-o', 'remount,ro', path.join(dataDir, 'store')]);
      const before = await rows();

      const { status, code } = await problemOf(ada.deposit('lab/read-only', FILES));

      expect([status, code]).toEqual([503, 'STORE_UNAVAILABLE']);
      expect(await rows()).toEqual(before);
      execFileSync('mount', ['-o', 'remount,rw', path.join(dataDir, 'store')]);
      await ada.deposit('lab/read-only', FILES).expect(201);
    });
  });
});

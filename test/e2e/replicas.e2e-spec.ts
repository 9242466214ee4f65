import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseConfig } from '@envarium/config';
import { digestOf } from '@envarium/oci';
import { UploadsService } from '@envarium/registry';
import { createTestDatabase, type TestDatabase } from '@envarium/testing';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createContext } from '../../apps/resolver/src/create-context.js';
import { S3Bucket } from '../../libs/storage/src/s3/s3-bucket.js';
import { findS3Servers, startS3Server, type S3Server } from '../../libs/storage/src/s3/s3-server.suite.js';
import { type Answer, answerOf, OciClient } from './oci-client.js';
import { RestClient } from './rest-client.js';
import { ADMIN_TOKEN } from './server-harness.js';
import { ServerProcess } from './server-process.js';

const MIB = 1 << 20;
const UPLOADS = '/v2/lab/replicas/blobs/uploads/';

describe.each(['filesystem', ...findS3Servers()])('replicas on %s', (store) => {
  let s3: S3Server | null = null;
  let bucket: S3Bucket | null = null;
  let database: TestDatabase;
  let dataDir: string;
  let variables: Record<string, string>;
  let processes: ServerProcess[];
  let clients: OciClient[];

  beforeAll(async () => {
    database = await createTestDatabase();
    dataDir = await mkdtemp(path.join(tmpdir(), 'envarium-replicas-'));
    variables = {
      DATABASE_URL: database.url,
      ENVARIUM_DATA_DIR: dataDir,
      ENVARIUM_PORT: '0',
      ENVARIUM_ADMIN_TOKEN: ADMIN_TOKEN,
      ENVARIUM_SECRET: 'a secret that both processes share',
      ENVARIUM_LOG_LEVEL: 'silent',
    };
    if (store !== 'filesystem') {
      s3 = await startS3Server(store);
      const config = s3.config('replicas');
      bucket = new S3Bucket(config);
      Object.assign(variables, {
        ENVARIUM_S3_ENDPOINT: config.endpoint,
        ENVARIUM_S3_BUCKET: config.bucket,
        ENVARIUM_S3_ACCESS_KEY: config.accessKey,
        ENVARIUM_S3_SECRET_KEY: config.secretKey,
      });
    }
    const first = await ServerProcess.start(variables);
    await new RestClient(`http://${first.host}`, ADMIN_TOKEN).post('namespaces', { name: 'lab' }).expect(201);
    processes = [first, await ServerProcess.start(variables)];
  });

  afterAll(async () => {
    for (const server of processes) await server.stop();
    await s3?.stop();
    await database.drop();
    await rm(dataDir, { recursive: true });
  });

  beforeEach(() => {
    clients = processes.map(({ host }) => new OciClient(host, null).as({ name: 'admin', secret: ADMIN_TOKEN }));
  });

  afterEach(async () => {
    // Whatever a test did: nothing is left open once it is old.
    await sql(`UPDATE upload SET expires_at = now() - interval '1 minute'`);
    await expire();
    expect(await staged()).toEqual([]);
  });

  const on = (index: number): OciClient => clients[index % 2]!;

  async function sql(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** What the resolver does by the clock. */
  async function expire(): Promise<number> {
    const { context } = await createContext(parseConfig(variables));
    try {
      return await context.get(UploadsService, { strict: false }).expire();
    } finally {
      await context.close();
    }
  }

  async function staged(): Promise<string[]> {
    if (bucket === null) return await readdir(path.join(dataDir, 'store/staging'));
    const keys: string[] = [];
    for await (const { key } of bucket.list('staging/')) keys.push(key);
    for await (const { key } of bucket.incompleteUploads('')) keys.push(`unfinished ${key}`);
    return keys;
  }

  async function begin(client: OciClient): Promise<string> {
    const { status, headers } = await client.send('POST', UPLOADS);
    expect(status).toBe(202);
    return headers.location ?? '';
  }

  const rangeOf = (start: number, length: number): { 'content-range': string } => ({
    'content-range': `${start}-${start + length - 1}`,
  });

  const patch = async (client: OciClient, location: string, start: number, body: Buffer): Promise<Answer> =>
    await client.send('PATCH', location, { headers: rangeOf(start, body.length), body });

  const close = async (client: OciClient, location: string, bytes: Buffer): Promise<Answer> =>
    await client.send('PUT', `${location}?digest=${digestOf(bytes)}`);

  async function expectStored(bytes: Buffer): Promise<void> {
    for (const client of clients.slice(-1)) {
      const { status, body } = await client.send('GET', `/v2/lab/replicas/blobs/${digestOf(bytes)}`);
      expect([status, digestOf(body)]).toEqual([200, digestOf(bytes)]);
    }
  }

  it('takes an upload chunk by chunk on one and the other', async () => {
    const bytes = randomBytes(20 * MIB);
    const size = 3 * MIB;
    const location = await begin(on(0));

    for (let start = 0, turn = 1; start < bytes.length; start += size, turn += 1) {
      const { status, headers } = await patch(on(turn), location, start, bytes.subarray(start, start + size));
      expect([status, headers.range]).toEqual([202, `0-${Math.min(start + size, bytes.length) - 1}`]);
    }

    expect((await close(on(0), location, bytes)).status).toBe(201);
    await expectStored(bytes);
  });

  it('refuses on the one the digest that bytes on the other have not', async () => {
    const location = await begin(on(0));
    await patch(on(0), location, 0, randomBytes(MIB));

    const { status, code } = await close(on(1), location, randomBytes(MIB));

    expect([status, code]).toEqual([400, 'DIGEST_INVALID']);
    expect((await on(0).send('GET', location)).status).toBe(404);
  });

  it('lets one of two writers of the same chunk win, never both', async () => {
    const location = await begin(on(0));
    let written = Buffer.alloc(0);
    for (let round = 0; round < 8; round += 1) {
      const chunks = [randomBytes(MIB), randomBytes(MIB)] as const;

      const answers = await Promise.all(
        chunks.map(async (chunk, index) => await patch(on(index), location, written.length, chunk)),
      );

      const statuses = answers.map(({ status }) => status);
      const winner = statuses.indexOf(202);
      expect([409, 416]).toContain(statuses[1 - winner]);
      written = Buffer.concat([written, chunks[winner]!]);
    }

    expect((await close(on(1), location, written)).status).toBe(201);
    await expectStored(written);
  });

  it('refuses a writer while the other is in the middle of a chunk', async () => {
    const bytes = randomBytes(2 * MIB);
    const location = await begin(on(0));
    const request = on(0).open('PATCH', location, {
      ...rangeOf(0, bytes.length),
      'content-length': String(bytes.length),
    });
    const answered = answerOf(request);
    await new Promise((resolve) => request.write(bytes.subarray(0, MIB), resolve));
    await untilLeased(location);

    const other = await patch(on(1), location, 0, randomBytes(MIB));
    const closing = await close(on(1), location, bytes);
    request.end(bytes.subarray(MIB));

    expect([other.status, closing.status]).toEqual([409, 409]);
    expect((await answered).status).toBe(202);
    expect((await close(on(1), location, bytes)).status).toBe(201);
    await expectStored(bytes);
  });

  it.each([
    ['before it is closed', false],
    ['and is closed', true],
  ])('keeps a writer that slept through its lease away from an upload that went on, %s', async (_, isClosed) => {
    const bytes = randomBytes(20 * MIB);
    const location = await begin(on(0));
    const request = on(0).open('PATCH', location, {
      ...rangeOf(0, bytes.length),
      'content-length': String(bytes.length),
    });
    const answered = answerOf(request).catch(() => null);
    await new Promise((resolve) => request.write(bytes.subarray(0, 18 * MIB), resolve));
    await untilLeased(location);
    processes[0]!.pause();
    await sql(`UPDATE upload SET lease_until = now() - interval '1 second' WHERE lease_until IS NOT NULL`);
    const { headers } = await on(1).send('GET', location);
    const offset = headers.range === '0-0' ? 0 : Number(/^0-(\d+)$/.exec(headers.range ?? '')?.[1]) + 1;
    const others = Buffer.concat([bytes.subarray(0, offset), randomBytes(bytes.length - offset)]);
    expect((await patch(on(1), location, offset, others.subarray(offset))).status).toBe(202);
    if (isClosed) expect((await close(on(1), location, others)).status).toBe(201);

    processes[0]!.resume();
    request.end(bytes.subarray(18 * MIB));
    const late = await answered;

    // S3 cannot tell the late one that it is late; what counts is that its bytes never pass for the other's.
    if (store === 'filesystem') expect(late?.status).not.toBe(202);
    if (!isClosed) {
      const { status, code } = await close(on(1), location, others);
      if (store === 'filesystem') expect(status).toBe(201);
      else expect(status === 201 || code !== undefined).toBe(true);
      if (status !== 201) return;
    }
    await expectStored(others);
  });

  it('gives two that close the same upload the same answer, or tells one to wait', async () => {
    const bytes = randomBytes(17 * MIB);
    const location = await begin(on(0));
    await patch(on(1), location, 0, bytes);

    const answers = await Promise.all(clients.map(async (client) => await close(client, location, bytes)));

    const statuses = answers.map(({ status }) => status);
    expect(statuses).toContain(201);
    expect(statuses.filter((status) => status !== 201 && status !== 409)).toEqual([]);
    expect((await close(on(0), location, bytes)).status).toBe(201);
    await expectStored(bytes);
  });

  it('expires an upload that nobody continued, for both', async () => {
    const location = await begin(on(0));
    await patch(on(1), location, 0, randomBytes(17 * MIB));
    await sql(`UPDATE upload SET expires_at = now() - interval '1 minute' WHERE state = 'open'`);

    await expire();

    for (const client of clients) {
      const { status, code } = await client.send('GET', location);
      expect([status, code]).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
    }
    expect(await staged()).toEqual([]);
  });

  it('goes on where the other was killed: between two chunks, and in one', async () => {
    const bytes = randomBytes(20 * MIB);
    const location = await begin(on(0));
    await patch(on(0), location, 0, bytes.subarray(0, 5 * MIB));
    await processes[0]!.kill();

    const second = await patch(on(1), location, 5 * MIB, bytes.subarray(5 * MIB, 10 * MIB));
    expect(second.status).toBe(202);

    processes[0] = await ServerProcess.start(variables);
    const reborn = new OciClient(processes[0].host, null).as({ name: 'admin', secret: ADMIN_TOKEN });
    const request = reborn.open('PATCH', location, {
      ...rangeOf(10 * MIB, 10 * MIB),
      'content-length': String(10 * MIB),
    });
    const broken = answerOf(request).catch(() => 'broken');
    await new Promise((resolve) => request.write(bytes.subarray(10 * MIB, 18 * MIB), resolve));
    await untilLeased(location);
    await processes[0].kill();
    expect(await broken).toBe('broken');
    // Until the lease of the dead is over, nobody else may write; nobody wants to wait for it here.
    expect((await patch(on(1), location, 10 * MIB, bytes.subarray(10 * MIB, 11 * MIB))).status).toBe(409);
    await sql(`UPDATE upload SET lease_until = now() - interval '1 second' WHERE lease_until IS NOT NULL`);

    const { headers } = await on(1).send('GET', location);
    const offset = Number(/^0-(\d+)$/.exec(headers.range ?? '')?.[1]) + 1;
    expect(offset).toBeGreaterThanOrEqual(10 * MIB);
    expect(offset).toBeLessThanOrEqual(18 * MIB);
    expect((await patch(on(1), location, offset, bytes.subarray(offset))).status).toBe(202);

    expect((await close(on(1), location, bytes)).status).toBe(201);
    await expectStored(bytes);
    processes[0] = await ServerProcess.start(variables);
  });

  async function untilLeased(location: string): Promise<void> {
    const id = location.split('/').at(-1);
    for (;;) {
      const [row] = await sql('SELECT lease_until FROM upload WHERE id = $1', [id]);
      if (row?.['lease_until'] !== null) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
});

import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PrismaService } from '@envarium/database';
import { JournalService } from '@envarium/journal';
import { Outbound } from '@envarium/outbound';
import { RecordBatchesService, RecordsService } from '@envarium/records';
import { openStore } from '@envarium/storage';
import { createTestDatabase, type TestDatabase } from '@envarium/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DecayWatchService } from './decay-watch.service.js';
import { PointerProbe } from './pointer-probe.js';
import { PointersService } from './pointers.service.js';

const AT = new Date('2026-01-31T12:00:00Z');
const BY = { createdAt: AT, createdBy: 'ada' };
const BUDGET = { pointers: 100, milliseconds: 60_000, intervalMs: 0, periodDays: 30, wholeDays: 180 };
const BYTES = 'the bytes of a package';
const DIGEST = `sha256:${createHash('sha256').update(BYTES).digest('hex')}`;

type Answer = (request: http.IncomingMessage, response: http.ServerResponse) => void;

describe('decay/decay-watch', () => {
  let database: TestDatabase;
  let prisma: PrismaService;
  let journal: JournalService;
  let directory: string;
  let outbound: Outbound;
  let pointers: PointersService;
  let server: http.Server;
  let origin: string;
  let asked: string[];
  let answer: Answer;
  let versionId: bigint;

  /** As a file server does that knows ranges. */
  const serve =
    (text: string): Answer =>
    (request, response) => {
      if (request.headers.range === undefined) return void response.end(text);
      response.writeHead(206, { 'content-range': `bytes 0-0/${text.length}` }).end(text.slice(0, 1));
    };
  const status =
    (code: number, headers: Record<string, string> = {}): Answer =>
    (_request, response) =>
      void response.writeHead(code, headers).end();

  beforeEach(async () => {
    database = await createTestDatabase();
    prisma = new PrismaService({ url: database.url, poolSize: 4 });
    directory = await mkdtemp(path.join(tmpdir(), 'envarium-decay-'));
    journal = new JournalService(prisma, await openStore({ kind: 'filesystem', directory }));
    asked = [];
    answer = serve(BYTES);
    server = http.createServer((request, response) => {
      asked.push(
        `${request.method} ${request.url} ${request.headers.range ?? 'whole'} ${request.headers['user-agent']}`,
      );
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    outbound = new Outbound({ allow: ['127.0.0.1'], userAgent: 'envarium (+https://envarium.example.org)' });
    pointers = new PointersService(prisma, new RecordsService(prisma), new RecordBatchesService(prisma));
    versionId = await makeVersion('lab/eeg', 'env-1');
  });

  afterEach(async () => {
    await outbound.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await prisma.$disconnect();
    await database.drop();
    await rm(directory, { recursive: true });
  });

  async function makeVersion(name: string, publicId: string, more: object = {}): Promise<bigint> {
    const namespace = await prisma.namespace.create({ data: { name: publicId, ...BY } });
    const repository = await prisma.repository.create({
      data: { name, visibility: 'public', namespaceId: namespace.id, ...BY },
    });
    const record = await prisma.archiveRecord.create({ data: { publicId, repositoryId: repository.id, ...BY } });
    const published = { state: 'published', recordDigest: publicId, publishedAt: AT, publishedBy: 'ada' } as const;
    const version = { number: 1, ...published, title: name, documentDigest: 'sha256:0', ...BY, ...more };
    return (await prisma.recordVersion.create({ data: { ...version, recordId: record.id } })).id;
  }

  const watch = (): DecayWatchService =>
    new DecayWatchService(prisma, journal, new PointerProbe(outbound, new URL(`${origin}/doi/`)));
  const file = (name = 'a.whl') => ({ url: `${origin}/${name}`, digest: DIGEST, size: BYTES.length });
  const rows = async () => await prisma.upstreamPointer.findMany({ orderBy: { id: 'asc' } });
  const events = async () =>
    (await prisma.event.findMany({ orderBy: { seq: 'asc' } })).map(({ kind, subject, detail }) => ({
      kind,
      subject,
      detail,
    }));
  /** As if the time had come. */
  const due = async (): Promise<void> =>
    void (await prisma.upstreamPointer.updateMany({ data: { nextCheckAt: new Date(Date.now() - 1000) } }));
  const check = async (): Promise<number> => {
    await due();
    return await watch().check(BUDGET);
  };

  it('finds a package where it was with one byte, and says who asks', async () => {
    await pointers.collect(versionId, [file()]);

    expect(await check()).toBe(1);

    expect(await rows()).toMatchObject([{ state: 'ok', detail: null, failures: 0 }]);
    expect(asked).toEqual(['GET /a.whl bytes=0-0 envarium (+https://envarium.example.org)']);
    expect(await events()).toEqual([]);
    expect(await watch().check(BUDGET)).toBe(0);
  });

  it('collects the same again without a trace', async () => {
    expect(await pointers.collect(versionId, [file(), file('b.whl'), file()])).toBe(2);
    await check();

    expect(await pointers.collect(versionId, [file(), file('b.whl')])).toBe(0);
    expect((await rows()).map(({ state }) => state)).toEqual(['ok', 'ok']);
  });

  it('calls a source dead after three times, tells it once, and takes it back when it returns', async () => {
    await pointers.collect(versionId, [file()]);
    await check();
    answer = status(404);
    const states: string[] = [];
    for (let time = 0; time < 4; time++) {
      await check();
      states.push((await rows())[0]?.state ?? '');
    }
    answer = serve(BYTES);
    await check();

    expect(states).toEqual(['ok', 'ok', 'dead', 'dead']);
    const detail = { kind: 'package', reference: `${origin}/a.whl`, digest: DIGEST };
    expect(await events()).toEqual([
      { kind: 'pointer-lost', subject: 'lab/eeg@v1', detail: { ...detail, reason: 'gone: status 404' } },
      { kind: 'pointer-restored', subject: 'lab/eeg@v1', detail: { ...detail, reason: null } },
    ]);
  });

  it('is not misled by a server that comes and goes', async () => {
    await pointers.collect(versionId, [file()]);
    for (const next of [status(404), status(503), status(404), serve(BYTES), status(410), status(404)]) {
      answer = next;
      await check();
    }

    expect(await rows()).toMatchObject([{ state: 'ok', failures: 2 }]);
    expect(await events()).toEqual([]);
  });

  it('sees another size at once, and other bytes of the same size when it reads them all', async () => {
    await pointers.collect(versionId, [file()]);
    answer = serve(`${BYTES}.`);
    await check();
    expect(await rows()).toMatchObject([
      { state: 'changed', detail: `${BYTES.length + 1} bytes instead of ${BYTES.length}` },
    ]);

    answer = serve(BYTES);
    await check();
    answer = serve(BYTES.replace('p', 'P'));
    await check();
    expect(await rows()).toMatchObject([{ state: 'ok' }]);

    // The span in which all of it was read is over.
    await prisma.upstreamPointer.updateMany({ data: { lastCheckedAt: new Date('2020-01-01') } });
    await check();
    expect(await rows()).toMatchObject([{ state: 'changed', detail: expect.stringMatching(/^other bytes: sha256:/) }]);
    expect(asked.at(-1)).toMatch(/whole/);
    await check();
    expect(asked.at(-1)).toMatch(/bytes=0-0/);
    expect((await events()).map(({ kind }) => kind)).toEqual([
      'pointer-changed',
      'pointer-restored',
      'pointer-changed',
      'pointer-restored',
    ]);
  });

  it('leaves a host alone that asks for it, and does not hold it against its files', async () => {
    await pointers.collect(versionId, [file('a'), file('b'), file('c')]);
    answer = status(429, { 'retry-after': '7200' });

    expect(await check()).toBe(1);

    expect(asked).toHaveLength(1);
    const waits = (await rows()).map(({ nextCheckAt }) => Math.round((nextCheckAt.getTime() - Date.now()) / 3_600_000));
    expect(waits.every((hours) => hours >= 2)).toBe(true);
    expect((await rows()).map(({ state, failures }) => `${state} ${failures}`).sort()).toEqual([
      'unchecked 0',
      'unchecked 0',
      'unchecked 1',
    ]);
  });

  it('stops asking a host that does not answer', async () => {
    await pointers.collect(
      versionId,
      ['a', 'b', 'c', 'd'].map((name) => file(name)),
    );
    answer = (request) => request.destroy();

    expect(await check()).toBe(2);
    expect((await rows()).map(({ failures }) => failures).toSorted((a, b) => a - b)).toEqual([0, 0, 1, 1]);
  });

  it('follows a redirect, and is not led into the house by one', async () => {
    await pointers.collect(versionId, [file('moved'), file('trap')]);
    answer = (request, response) => {
      if (request.url === '/moved') response.writeHead(302, { location: '/new' }).end();
      else if (request.url === '/trap') response.writeHead(302, { location: 'http://10.0.0.1/' }).end();
      else serve(BYTES)(request, response);
    };

    await check();

    expect((await rows()).map(({ reference, state, detail }) => ({ reference, state, detail }))).toEqual([
      { reference: `${origin}/moved`, state: 'ok', detail: null },
      { reference: `${origin}/trap`, state: 'unchecked', detail: expect.stringMatching(/^no answer: /) },
    ]);
  });

  it('asks once for what several versions came from, and tells of each', async () => {
    const other = await makeVersion('lab/other', 'env-2');
    for (const id of [versionId, other]) await pointers.collect(id, [file()]);
    answer = status(410);
    for (let time = 0; time < 3; time++) await check();

    expect(asked).toHaveLength(3);
    expect((await events()).map(({ kind, subject }) => `${kind} ${subject}`).sort()).toEqual([
      'pointer-lost lab/eeg@v1',
      'pointer-lost lab/other@v1',
    ]);
  });

  it('shares the work with another process, and together they are one visitor', async () => {
    let open = 0;
    let most = 0;
    answer = (request, response) => {
      most = Math.max(most, ++open);
      setTimeout(() => {
        open--;
        serve(BYTES)(request, response);
      }, 20);
    };
    await pointers.collect(
      versionId,
      Array.from({ length: 10 }, (_, index) => file(String(index))),
    );
    await due();

    const half = { ...BUDGET, pointers: 5 };
    const counts = await Promise.all([watch().check(half), watch().check(half)]);
    await watch().check(BUDGET);

    expect(most).toBe(1);
    expect(Math.max(...counts)).toBe(5);
    expect(new Set(asked).size).toBe(asked.length);
  });

  it('begins nothing new when its time is over, and gives back what it took', async () => {
    await pointers.collect(versionId, [file('a'), file('b')]);
    await due();

    expect(await watch().check({ ...BUDGET, milliseconds: 0 })).toBe(0);
    expect(asked).toEqual([]);
    expect(await watch().check(BUDGET)).toBe(2);
  });

  it('watches the mirrors of the image by its digest', async () => {
    const bytes = Buffer.from('{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json"}');
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    await makeVersion('lab/mirrored', 'env-3', { imageDigest: digest });
    const { repositoryId } = await prisma.archiveRecord.findUniqueOrThrow({ where: { publicId: 'env-3' } });
    const reference = `${origin.slice('http://'.length)}/lab/eeg`;
    await prisma.mirror.create({ data: { repositoryId, digest, reference, recordedAt: AT, recordedBy: 'ada' } });
    answer = (request, response) => {
      if (request.url === `/v2/lab/eeg/manifests/${digest}`) {
        response.writeHead(200, { 'content-type': 'application/vnd.oci.image.manifest.v1+json' }).end(bytes);
      } else status(request.url === '/v2/' ? 200 : 404)(request, response);
    };

    expect(await pointers.collectPublished()).toBe(1);
    await check();
    expect(await rows()).toMatchObject([{ kind: 'image', reference: `${reference}@${digest}`, digest, state: 'ok' }]);

    answer = status(404);
    for (let time = 0; time < 3; time++) await check();
    expect(await rows()).toMatchObject([{ state: 'dead' }]);
  });

  it('watches the DOI of the article, and does not take a closed door for a lost one', async () => {
    const article = await prisma.article.create({
      data: { doi: '10.5555/a#b', asGiven: '10.5555/a#b', createdAt: AT },
    });
    const key = { scope: 'main', kind: 'figure', number: '1', asPrinted: 'Fig. 1' } as const;
    const output = await prisma.output.create({ data: { articleId: article.id, ...key, createdAt: AT } });
    const run = { publicId: 'run-1', versionId, contentDigest: 'c', artifactDigest: 'a', createdAt: AT };
    const claim = {
      outputId: output.id,
      status: 'proposed',
      assertedBy: 'ada',
      assertedRole: 'author',
      assertedAt: AT,
    } as const;
    await prisma.run.create({ data: { ...run, links: { create: claim } } });
    answer = (request, response) => {
      if (request.url === '/doi/10.5555/a%23b') response.writeHead(302, { location: '/landing' }).end();
      else status(403)(request, response);
    };

    await pointers.collect(versionId);
    await check();
    expect(await rows()).toMatchObject([{ kind: 'doi', reference: '10.5555/a#b', digest: null, state: 'ok' }]);

    answer = status(404);
    for (let time = 0; time < 3; time++) await check();
    expect(await rows()).toMatchObject([{ state: 'dead', detail: 'gone: the DOI answers with status 404' }]);
  });

  it('leaves withdrawn versions alone', async () => {
    await pointers.collect(await makeVersion('lab/gone', 'env-4', { state: 'withdrawn', withdrawnAt: AT }), [file()]);

    expect(await check()).toBe(0);
  });
});

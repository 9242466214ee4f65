import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PrismaService } from '@envarium/database';
import { JournalService } from '@envarium/journal';
import { parseDigest } from '@envarium/oci';
import { openStore } from '@envarium/storage';
import { createTestDatabase, type TestDatabase } from '@envarium/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type IngestJob, IngestQueueService, JobLost } from './ingest-queue.service.js';
import { ProgressCount } from './progress-count.js';

const BY = { createdAt: new Date('2026-01-31T12:00:00Z'), createdBy: 'ada' };
const DIGEST = parseDigest(`sha256:${'a'.repeat(64)}`);
const PROBLEM = { code: 'UPSTREAM_UNAVAILABLE', title: 'away', remedy: null, detail: {} };

describe('ingest/ingest-queue.service', () => {
  let database: TestDatabase;
  let prisma: PrismaService;
  let directory: string;
  let queue: IngestQueueService;
  let repositoryId: bigint;
  const progress = new ProgressCount().snapshot;

  beforeAll(async () => {
    database = await createTestDatabase();
    prisma = new PrismaService({ url: database.url, poolSize: 4 });
    directory = await mkdtemp(path.join(tmpdir(), 'envarium-queue-'));
    const store = await openStore({ kind: 'filesystem', directory });
    queue = new IngestQueueService(prisma, new JournalService(prisma, store));
    const lab = await prisma.namespace.create({ data: { name: 'lab', ...BY } });
    const data = { name: 'lab/eeg', namespaceId: lab.id, visibility: 'private', ...BY } as const;
    repositoryId = (await prisma.repository.create({ data })).id;
  });
  beforeEach(async () => {
    await prisma.ingest.deleteMany();
    await prisma.mirror.deleteMany();
    for (const id of ['02', '01']) {
      const credentials = new Uint8Array([1, 2, 3]);
      await prisma.ingest.create({
        data: { id, repositoryId, source: 'registry.example.org/lab/eeg:v1', credentials, createdBy: 'ada' },
      });
    }
  });
  afterAll(async () => {
    await prisma.$disconnect();
    await database.drop();
    await rm(directory, { recursive: true });
  });

  const claim = async (): Promise<IngestJob> => {
    const job = await queue.claim();
    if (job === null) throw new Error('nothing to claim');
    return job;
  };
  const row = async (id: string) => await prisma.ingest.findUniqueOrThrow({ where: { id } });
  const past = async (id: string) =>
    await prisma.ingest.update({ where: { id }, data: { leaseUntil: new Date(Date.now() - 1000) } });

  it('gives each job to one worker, the oldest first', async () => {
    const jobs = [await queue.claim(), await queue.claim(), await queue.claim()];

    expect(jobs.map((job) => job?.id ?? null)).toEqual(['01', '02', null]);
    expect(await row('01')).toMatchObject({ state: 'running', attempts: 1 });
  });

  it('gives a job again when its lease has run out, and not while it is renewed', async () => {
    await claim();
    await claim();
    await past('02');
    const second = await claim();
    await queue.beat(second, progress);

    expect([second.id, second.attempts]).toEqual(['02', 2]);
    expect(await queue.claim()).toBeNull();
  });

  it('lets only the latest holder write', async () => {
    const dead = await claim();
    await past('01');
    const holder = await claim();
    expect(holder.id).toBe('01');

    for (const write of [
      () => queue.beat(dead, progress),
      () => queue.pin(dead, DIGEST),
      () => queue.complete(dead, DIGEST, 'registry.example.org/lab/eeg', progress),
      () => queue.fail(dead, PROBLEM),
      () => queue.release(dead, null, null),
    ]) {
      await expect(write()).rejects.toThrow(JobLost);
    }
    expect(await row('01')).toMatchObject({ state: 'running', attempts: 2, digest: null, problem: null });
    expect(await prisma.mirror.count()).toBe(0);
  });

  it('lets nobody write to a job that was cancelled', async () => {
    const job = await claim();
    await prisma.ingest.update({ where: { id: job.id }, data: { state: 'cancelled' } });

    await expect(queue.beat(job, progress)).rejects.toThrow(JobLost);
    await expect(queue.complete(job, DIGEST, 'registry.example.org/lab/eeg', progress)).rejects.toThrow(JobLost);
    expect(await prisma.mirror.count()).toBe(0);
  });

  it('gives a job that was given back at once, or not before its time', async () => {
    await queue.release(await claim(), null, null);
    const job = await claim();
    expect(job.id).toBe('01');

    await queue.release(job, new Date(Date.now() + 3_600_000), PROBLEM);

    expect((await claim()).id).toBe('02');
    expect(await queue.claim()).toBeNull();
    expect(await row('01')).toMatchObject({ state: 'queued', problem: PROBLEM });
  });

  it('forgets the credentials at the end, whichever it is', async () => {
    const done = await claim();
    const failed = await claim();
    expect(done.credentials).toEqual(new Uint8Array([1, 2, 3]));

    await queue.complete(done, DIGEST, 'registry.example.org/lab/eeg', progress);
    await queue.fail(failed, PROBLEM);

    expect(await row('01')).toMatchObject({ state: 'done', credentials: null, problem: null, leaseUntil: null });
    expect(await row('02')).toMatchObject({ state: 'failed', credentials: null, problem: PROBLEM });
    expect(await prisma.mirror.findMany()).toMatchObject([
      { digest: DIGEST, reference: 'registry.example.org/lab/eeg', recordedBy: 'ada' },
    ]);
    expect(await queue.claim()).toBeNull();
  });
});

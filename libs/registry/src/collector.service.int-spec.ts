import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PrismaService } from '@envarium/database';
import { JournalService } from '@envarium/journal';
import { type Digest, digestOf } from '@envarium/oci';
import { openStore, type Store } from '@envarium/storage';
import { createTestDatabase, type TestDatabase } from '@envarium/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CollectorService } from './collector.service.js';
import { ContentService } from './content.service.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const BY = { createdAt: new Date('2026-01-31T12:00:00Z'), createdBy: 'ada' };
const later = (days: number): Date => new Date(Date.now() + days * DAY_MS);

describe('registry/collector.service', () => {
  let database: TestDatabase;
  let prisma: PrismaService;
  let directory: string;
  let store: Store;
  let content: ContentService;
  let journal: JournalService;
  let collector: CollectorService;
  let repositoryId: bigint;

  beforeAll(async () => {
    database = await createTestDatabase();
    prisma = new PrismaService({ url: database.url, poolSize: 8 });
    const lab = await prisma.namespace.create({ data: { name: 'lab', ...BY } });
    const repository = { name: 'lab/one', namespaceId: lab.id, visibility: 'private', ...BY } as const;
    repositoryId = (await prisma.repository.create({ data: repository })).id;
  });

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'envarium-collector-'));
    store = await openStore({ kind: 'filesystem', directory });
    content = new ContentService(prisma, store);
    journal = new JournalService(prisma, store);
    collector = new CollectorService(prisma, journal, store);
    return async () => await rm(directory, { recursive: true });
  });

  afterAll(async () => {
    await prisma.$disconnect();
    await database.drop();
  });

  async function push(text: string): Promise<Digest> {
    const blob = await content.write(Buffer.from(text));
    await content.register(prisma, [blob]);
    return blob.digest;
  }

  async function stateOf(digest: Digest): Promise<string> {
    return (await prisma.blob.findUniqueOrThrow({ where: { digest } })).state;
  }

  async function nameByManifest(digest: Digest): Promise<void> {
    const manifest = await prisma.blob.create({ data: { digest: digestOf(Buffer.from(`of ${digest}`)), size: 1n } });
    await prisma.imageManifest.create({
      data: {
        blobId: manifest.id,
        digest: manifest.digest,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        kind: 'image',
        references: { create: { position: 0, kind: 'layer', digest, mediaType: 'x', size: 1n } },
      },
    });
  }

  it('leaves alone what came less than a week ago', async () => {
    const digest = await push('young');

    expect((await collector.review(100, later(6))).quarantined).not.toContain(digest);
    expect(await stateOf(digest)).toBe('ok');
  });

  it('puts out of sight what nothing has named for a week, tells it, and keeps the bytes', async () => {
    const digest = await push('forgotten');

    const { quarantined } = await collector.review(100, later(8));

    expect(quarantined).toContain(digest);
    expect(await stateOf(digest)).toBe('quarantined');
    expect(await store.blobs.stat(digest)).toEqual({ size: 9 });
    expect(await prisma.event.count({ where: { kind: 'quarantined', subject: digest } })).toBe(1);
  });

  it('never looks again at what an image manifest names', async () => {
    const digest = await push('layer');
    await nameByManifest(digest);

    await collector.review(100, later(8));

    expect(await prisma.blob.findUniqueOrThrow({ where: { digest } })).toMatchObject({
      state: 'ok',
      reviewAfter: null,
    });
  });

  it('gives what was mounted lately another week', async () => {
    const digest = await push('mounted');
    const { id } = await prisma.blob.findUniqueOrThrow({ where: { digest } });
    await prisma.repositoryBlob.create({ data: { repositoryId, blobId: id, createdAt: later(5) } });

    await collector.review(100, later(8));
    const first = await stateOf(digest);
    await collector.review(100, later(16));

    expect([first, await stateOf(digest)]).toEqual(['ok', 'quarantined']);
  });

  it('removes bytes only after their time in quarantine, and keeps the row', async () => {
    const digest = await push('going');
    await collector.review(100, later(8));

    const early = await collector.remove(100, later(7));
    const late = await collector.remove(100, later(9));

    expect(early).not.toContain(digest);
    expect(late).toContain(digest);
    expect(await stateOf(digest)).toBe('removed');
    expect(await store.blobs.stat(digest)).toBeNull();
  });

  it('ends a removal that a crash broke off after its first half', async () => {
    const digest = await push('half gone');
    await collector.review(100, later(8));
    await prisma.blob.update({ where: { digest }, data: { state: 'removed' } });

    expect(await collector.remove(100, later(-100))).toEqual([digest]);
    expect(await store.blobs.stat(digest)).toBeNull();
  });

  it.each(['quarantined', 'removed'])('takes back with a push what was %s', async (state) => {
    const digest = await push(`again ${state}`);
    await collector.review(100, later(8));
    if (state === 'removed') await collector.remove(100, later(9));

    await content.write(Buffer.from(`again ${state}`));
    await journal.transaction(async (tx, record) => {
      await content.register(tx, [{ digest, size: 10 }], record);
    });

    expect(await stateOf(digest)).toBe('ok');
    expect((await store.blobs.verify(digest)).outcome).toBe('ok');
    expect(await prisma.event.findFirst({ where: { kind: 'unquarantined', subject: digest } })).toMatchObject({
      detail: { previous: state },
    });
  });

  it('refuses to call sound what was removed while it was on its way', async () => {
    const digest = await push('too late');
    await collector.review(100, later(8));
    await collector.remove(100, later(9));

    await expect(content.register(prisma, [{ digest, size: 8 }])).rejects.toMatchObject({
      code: 'BLOB_UPLOAD_INVALID',
      detail: { digest, reason: 'removed-meanwhile' },
    });
  });

  it('passes over a blob that a push holds at this moment', async () => {
    const digest = await push('held');

    const quarantined = await prisma.$transaction(async (tx) => {
      await content.register(tx, [{ digest, size: 4 }]);
      return (await collector.review(100, later(8))).quarantined;
    });

    expect(quarantined).not.toContain(digest);
  });

  it('lets nobody quarantine or remove what is named, not even by SQL', async () => {
    const digest = await push('precious');
    await nameByManifest(digest);

    for (const state of ['quarantined', 'removed']) {
      await expect(
        prisma.$executeRawUnsafe(`UPDATE blob SET state = '${state}' WHERE digest = '${digest}'`),
      ).rejects.toThrow(/is refused/);
    }
  });

  it('adopts bytes that a crash left without a row', async () => {
    const { digest } = await content.write(Buffer.from('orphan'));

    expect(await collector.adopt()).toBe(1);
    expect(await collector.adopt()).toBe(0);
    expect(await prisma.blob.findUniqueOrThrow({ where: { digest } })).toMatchObject({ size: 6n, state: 'ok' });
  });
});

import { chmod, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PrismaService } from '@envarium/database';
import { JournalService } from '@envarium/journal';
import type { Digest } from '@envarium/oci';
import { openStore, type Store } from '@envarium/storage';
import { createTestDatabase, type TestDatabase } from '@envarium/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContentService } from './content.service.js';
import { BlobSources } from './blob-source.js';
import { FixityService } from './fixity.service.js';

const SHA512_OF_HELLO =
  'sha512:9b71d224bd62f3785d96d46ad3ea3d73319bfbc2890caadae2dff72519673ca72323c3d99ba5c11d7c7acc6e14b8c5da0c4663475c2e5c3adef46f73bcdec043';

describe('registry/fixity.service', () => {
  let database: TestDatabase;
  let prisma: PrismaService;
  let directory: string;
  let store: Store;
  let content: ContentService;
  let fixity: FixityService;
  let sources: BlobSources;

  beforeEach(async () => {
    database = await createTestDatabase();
    prisma = new PrismaService({ url: database.url, poolSize: 3 });
    directory = await mkdtemp(path.join(tmpdir(), 'envarium-fixity-'));
    store = await openStore({ kind: 'filesystem', directory });
    content = new ContentService(prisma, store);
    sources = new BlobSources();
    fixity = new FixityService(prisma, new JournalService(prisma, store), store, sources);
  });

  afterEach(async () => {
    await prisma.$disconnect();
    await database.drop();
    await rm(directory, { recursive: true });
  });

  async function stored(text: string): Promise<{ digest: Digest; file: string }> {
    const blob = await content.write(Buffer.from(text));
    await content.register(prisma, [blob]);
    const hex = blob.digest.slice('sha256:'.length);
    return { digest: blob.digest, file: path.join(directory, 'blobs/sha256', hex.slice(0, 2), hex) };
  }
  const check = async () => await fixity.check({ bytes: 1000, olderThan: new Date() });
  const row = async (digest: string) => await prisma.blob.findUniqueOrThrow({ where: { digest } });

  it('dates a blob that is what its name says, and takes its second digest', async () => {
    const { digest } = await stored('hello');

    expect(await check()).toMatchObject([{ digest, outcome: 'ok' }]);

    const blob = await row(digest);
    expect(blob).toMatchObject({ state: 'ok', secondDigest: SHA512_OF_HELLO });
    expect(Date.now() - (blob.lastVerifiedAt?.getTime() ?? 0)).toBeLessThan(60_000);
    expect(await prisma.event.count()).toBe(0);
  });

  it.each([
    ['changed', async (file: string) => await writeFile(file, 'jello'), 'mismatch', 'suspect'],
    ['cut off', async (file: string) => await truncate(file, 2), 'truncated', 'suspect'],
    ['gone', async (file: string) => await rm(file), 'missing', 'missing'],
  ] as const)('finds bytes that are %s, and tells it once', async (_, damage, outcome, state) => {
    const { digest, file } = await stored('hello');
    await chmod(file, 0o644);
    await damage(file);

    expect(await check()).toMatchObject([{ digest, outcome }]);
    await check();

    expect((await row(digest)).state).toBe(state);
    const events = await prisma.event.findMany();
    expect(events).toMatchObject([{ kind: 'fixity-mismatch', subject: digest, actor: 'fixity', detail: { outcome } }]);
  });

  it('heals a damaged blob with the next write of the same content', async () => {
    const { digest, file } = await stored('hello');
    await chmod(file, 0o644);
    await writeFile(file, 'jello');
    await check();

    await stored('hello');

    expect((await row(digest)).state).toBe('ok');
    expect(await check()).toMatchObject([{ digest, outcome: 'ok' }]);
  });

  it('checks what was never checked first, then the oldest, for as many bytes as it may read', async () => {
    const digests: string[] = [];
    for (const text of ['aaaa', 'bbbb', 'cccc']) digests.push((await stored(text)).digest);
    const verified = async (digest: string | undefined, date: string) =>
      await prisma.blob.update({ where: { digest: digest ?? '' }, data: { lastVerifiedAt: new Date(date) } });
    await verified(digests[0], '2026-02-01');
    await verified(digests[1], '2026-01-01');

    const two = await fixity.check({ bytes: 5, olderThan: new Date('2026-03-01') });

    expect(two.map(({ digest }) => digest)).toEqual([digests[2], digests[1]]);
  });

  it('leaves alone what was checked lately', async () => {
    await stored('a');
    await check();

    expect(await fixity.check({ bytes: 1000, olderThan: new Date(Date.now() - 3_600_000) })).toEqual([]);
  });

  it('leaves to the collector what is on its way out', async () => {
    const { digest } = await stored('going');
    await prisma.blob.update({ where: { digest }, data: { state: 'quarantined' } });

    expect(await check()).toEqual([]);
    expect((await row(digest)).state).toBe('quarantined');
  });

  it('brings damaged bytes back from the first source that has them, and tells from where', async () => {
    const { digest, file } = await stored('hello');
    await chmod(file, 0o644);
    await writeFile(file, 'jello');
    sources.add({ name: 'empty-handed', restore: async () => false });
    sources.add({ name: 'out-of-reach', restore: async () => await Promise.reject(new Error('no route')) });
    sources.add({
      name: 'second-store',
      restore: async (blob) => {
        const bytes = async function* (): AsyncGenerator<Buffer> {
          yield Buffer.from('hello');
        };
        await store.blobs.put(bytes(), { ...blob, heal: true });
        return true;
      },
    });

    expect(await check()).toMatchObject([{ digest, outcome: 'mismatch', healedFrom: 'second-store' }]);
    expect(await check()).toMatchObject([{ digest, outcome: 'ok' }]);
    expect(await prisma.event.findMany({ orderBy: { seq: 'asc' } })).toMatchObject([
      { kind: 'fixity-mismatch', subject: digest },
      { kind: 'healed', subject: digest, actor: 'fixity', detail: { source: 'second-store' } },
    ]);
  });
});

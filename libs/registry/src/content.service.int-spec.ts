import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PrismaService } from '@envarium/database';
import { type Digest, digestOf } from '@envarium/oci';
import { openStore } from '@envarium/storage';
import { createTestDatabase, type TestDatabase } from '@envarium/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ContentService } from './content.service.js';

const BY = { createdAt: new Date('2026-01-31T12:00:00Z'), createdBy: 'ada' };

describe('registry/content.service', () => {
  let database: TestDatabase;
  let prisma: PrismaService;
  let directory: string;
  let content: ContentService;
  let repositories: bigint[];

  beforeAll(async () => {
    database = await createTestDatabase();
    prisma = new PrismaService({ url: database.url, poolSize: 8 });
    directory = await mkdtemp(path.join(tmpdir(), 'envarium-content-'));
    content = new ContentService(prisma, await openStore({ kind: 'filesystem', directory }));
    const lab = await prisma.namespace.create({ data: { name: 'lab', ...BY } });
    repositories = [];
    for (const name of ['lab/one', 'lab/other']) {
      const repository = await prisma.repository.create({
        data: { name, namespaceId: lab.id, visibility: 'private', ...BY },
      });
      repositories.push(repository.id);
    }
  });

  afterAll(async () => {
    await prisma.$disconnect();
    await database.drop();
    await rm(directory, { recursive: true });
  });

  const fileOf = (digest: Digest): string => path.join(directory, 'blobs/sha256', digest.slice(7, 9), digest.slice(7));

  it('reads back what it wrote', async () => {
    const { digest, size } = await content.write(Buffer.from('hello'));

    expect([digest, size]).toEqual([digestOf(Buffer.from('hello')), 5]);
    expect((await content.read(digest, 5)).toString()).toBe('hello');
  });

  it('refuses to read more than the limit', async () => {
    const { digest } = await content.write(Buffer.from('longer'));

    await expect(content.read(digest, 5)).rejects.toMatchObject({
      code: 'SIZE_INVALID',
      detail: { digest, size: 6, limit: 5 },
    });
  });

  it('refuses what nobody wrote', async () => {
    await expect(content.read(digestOf(Buffer.from('never')), 10)).rejects.toMatchObject({ code: 'BLOB_UNKNOWN' });
  });

  it('refuses stored bytes that are not what their digest says, and has fixity look at them next', async () => {
    const blob = await content.write(Buffer.from('right'));
    const { digest } = blob;
    await content.register(prisma, [blob]);
    await prisma.blob.update({ where: { digest }, data: { lastVerifiedAt: new Date() } });
    await chmod(fileOf(digest), 0o644);
    await writeFile(fileOf(digest), 'wrong');

    await expect(content.read(digest, 10)).rejects.toMatchObject({ code: 'BLOB_CORRUPT', detail: { digest } });
    expect((await prisma.blob.findUniqueOrThrow({ where: { digest } })).lastVerifiedAt).toBeNull();
  });

  it('shows a blob through the repositories that it is attached to, alone', async () => {
    const blob = await content.write(Buffer.from('mine'));
    const ids = await content.register(prisma, [blob]);
    await content.attach(prisma, repositories[0]!, ids.values());

    expect(await content.visibleSize(repositories[0]!, blob.digest)).toBe(4n);
    expect(await content.visibleSize(repositories[1]!, blob.digest)).toBeNull();
  });

  it('hides a blob that is known to be damaged', async () => {
    const blob = await content.write(Buffer.from('suspect'));
    await content.attach(prisma, repositories[0]!, (await content.register(prisma, [blob])).values());

    await prisma.blob.update({ where: { digest: blob.digest }, data: { state: 'suspect' } });

    expect(await content.visibleSize(repositories[0]!, blob.digest)).toBeNull();
    expect(await content.isDamaged(blob.digest)).toBe(true);
  });

  it('registers the same blobs in opposite orders at once', async () => {
    const blobs = Array.from({ length: 200 }, (_, i) => ({ digest: digestOf(Buffer.from(`shared ${i}`)), size: 1 }));

    const results = await Promise.all(
      [blobs, blobs.toReversed(), blobs, blobs.toReversed()].map(
        async (list) =>
          await prisma.$transaction(async (tx) => {
            const ids = await content.register(tx, list);
            await content.attach(tx, repositories[0]!, ids.values());
            return ids.size;
          }),
      ),
    );

    expect(results).toEqual([200, 200, 200, 200]);
  });
});

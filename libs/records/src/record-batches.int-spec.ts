import { ANONYMOUS, type Principal } from '@envarium/access';
import { PrismaService } from '@envarium/database';
import { createTestDatabase, type TestDatabase } from '@envarium/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RecordBatchesService } from './record-batches.service.js';

const AT = new Date('2026-01-31T12:00:00Z');
const BY = { createdAt: AT, createdBy: 'ada' };

describe('records/record-batches', () => {
  let database: TestDatabase;
  let prisma: PrismaService;
  let batches: RecordBatchesService;
  let member: Principal;

  beforeAll(async () => {
    database = await createTestDatabase();
    prisma = new PrismaService({ url: database.url, poolSize: 3 });
    batches = new RecordBatchesService(prisma);
    const account = await prisma.account.create({ data: { name: 'ada' } });
    member = { kind: 'account', accountId: account.id, name: 'ada', isAdmin: false };
    const namespace = await prisma.namespace.create({
      data: { name: 'lab', ...BY, members: { create: { accountId: account.id, role: 'reader' } } },
    });
    await makeRecord('env-a', 'lab/a', 'public', ['published', 'published', 'draft']);
    await makeRecord('env-b', 'lab/b', 'public', ['published']);
    await makeRecord('env-p', 'lab/p', 'private', ['published']);

    async function makeRecord(
      publicId: string,
      name: string,
      visibility: 'public' | 'private',
      states: readonly ('draft' | 'published')[],
    ): Promise<void> {
      const repository = await prisma.repository.create({
        data: { name, visibility, namespaceId: namespace.id, ...BY },
      });
      const record = await prisma.archiveRecord.create({ data: { publicId, repositoryId: repository.id, ...BY } });
      for (const [i, state] of states.entries()) {
        const version = await prisma.recordVersion.create({
          data: {
            ...BY,
            recordId: record.id,
            number: i + 1,
            state: 'draft',
            title: `${publicId} v${i + 1}`,
            documentDigest: 'sha256:0',
            ...(state === 'published' && {
              recordDigest: `sha256:${publicId}-${i}`,
              publishedAt: AT,
              publishedBy: 'ada',
            }),
            packageFiles: { create: [{ path: `${publicId}-${i + 1}.txt`, digest: 'sha256:1', size: 5n }] },
            holds: { create: { id: `${publicId}-${i}`, reason: `because ${i + 1}`, placedAt: AT, placedBy: 'ada' } },
          },
        });
        if (state === 'draft') continue;
        // What belongs to a published version cannot be written any more.
        const recordDigest = `sha256:${publicId}-${i}`;
        await prisma.recordVersion.update({
          where: { id: version.id },
          data: { state, recordDigest, publishedAt: AT, publishedBy: 'ada' },
        });
      }
    }
  });

  afterAll(async () => {
    await prisma.$disconnect();
    await database.drop();
  });

  it('gives records by identifier, each as its reader sees it', async () => {
    const ids = ['env-a', 'env-b', 'env-p', 'env-unknown'];

    const public_ = await batches.records(ANONYMOUS, ids);
    const own = await batches.records(member, ids);

    expect([...public_].map(([id, record]) => [id, record.title])).toEqual([
      ['env-a', 'env-a v2'],
      ['env-b', 'env-b v1'],
    ]);
    expect([...own.keys()]).toEqual(['env-a', 'env-b', 'env-p']);
    expect(own.get('env-a')?.title).toBe('env-a v3');
  });

  it('gives the newest versions of each record, a page of each', async () => {
    const first = await batches.versions(member, ['env-a', 'env-b'], 2, null);
    const cursor = first.get('env-a')?.edges[1]?.cursor ?? '';
    const second = await batches.versions(member, ['env-a'], 2, cursor);

    const numbers = [...first].map(([id, page]) => [id, page.edges.map((edge) => edge.node.number), page.hasNextPage]);
    expect(numbers).toEqual([
      ['env-a', [3, 2], true],
      ['env-b', [1], false],
    ]);
    expect(second.get('env-a')?.edges.map((edge) => edge.node.number)).toEqual([1]);
  });

  it('leaves out drafts and private records for everybody else', async () => {
    const pages = await batches.versions(ANONYMOUS, ['env-a', 'env-p'], 10, null);

    expect([...pages].map(([id, page]) => [id, page.edges.map((edge) => edge.node.number)])).toEqual([
      ['env-a', [2, 1]],
    ]);
  });

  it('gives package files and holds of exactly the versions that were asked for', async () => {
    const keys = [
      { recordId: 'env-a', number: 2 },
      { recordId: 'env-b', number: 1 },
      { recordId: 'env-a', number: 3 },
      { recordId: 'env-p', number: 1 },
    ];

    const files = await batches.packageFiles(ANONYMOUS, keys);
    const holds = await batches.holds(ANONYMOUS, keys);

    expect([...files].map(([key, list]) => [key, list.map((file) => file.path)])).toEqual([
      ['env-a@v2', ['env-a-2.txt']],
      ['env-b@v1', ['env-b-1.txt']],
    ]);
    expect([...holds].map(([key, list]) => [key, list.map((hold) => hold.reason)])).toEqual([
      ['env-a@v2', ['because 2']],
      ['env-b@v1', ['because 1']],
    ]);
  });
});

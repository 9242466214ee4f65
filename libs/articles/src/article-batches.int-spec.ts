import { ANONYMOUS } from '@envarium/access';
import { PrismaService } from '@envarium/database';
import { RecordBatchesService } from '@envarium/records';
import { createTestDatabase, type TestDatabase } from '@envarium/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArticleBatchesService } from './article-batches.service.js';

const AT = new Date('2026-01-31T12:00:00Z');
const BY = { createdAt: AT, createdBy: 'ada' };

describe('articles/article-batches', () => {
  let database: TestDatabase;
  let prisma: PrismaService;
  let batches: ArticleBatchesService;
  let runs = 0;

  beforeAll(async () => {
    database = await createTestDatabase();
    prisma = new PrismaService({ url: database.url, poolSize: 3 });
    batches = new ArticleBatchesService(prisma, new RecordBatchesService(prisma), {
      publicUrl: () => 'https://envarium.example.org',
    });
    const open = await makeVersion('env-a', 'lab/a', 'public');
    const hidden = await makeVersion('env-p', 'lab/p', 'private');
    for (const doi of ['10.5555/1', '10.5555/2']) {
      const article = await prisma.article.create({ data: { doi, asGiven: doi, createdAt: AT } });
      for (const number of ['1', '2', '3']) {
        const key = { scope: 'main', kind: 'figure', number, asPrinted: `Fig. ${number}` } as const;
        const output = await prisma.output.create({ data: { articleId: article.id, ...key, createdAt: AT } });
        await makeLink(output.id, number === '3' ? hidden : open);
        if (number === '1') await makeLink(output.id, open);
      }
    }
  });

  afterAll(async () => {
    await prisma.$disconnect();
    await database.drop();
  });

  async function makeVersion(publicId: string, name: string, visibility: 'public' | 'private'): Promise<bigint> {
    const namespace = await prisma.namespace.create({ data: { name: publicId, ...BY } });
    const repository = await prisma.repository.create({ data: { name, visibility, namespaceId: namespace.id, ...BY } });
    const record = await prisma.archiveRecord.create({ data: { publicId, repositoryId: repository.id, ...BY } });
    const published = { state: 'published', recordDigest: publicId, publishedAt: AT, publishedBy: 'ada' } as const;
    const version = { number: 1, ...published, title: name, documentDigest: 'sha256:0', ...BY };
    return (await prisma.recordVersion.create({ data: { ...version, recordId: record.id } })).id;
  }

  async function makeLink(outputId: bigint, versionId: bigint): Promise<void> {
    const id = `run-${++runs}`;
    const run = { publicId: id, versionId, contentDigest: id, artifactDigest: id, command: id, createdAt: AT };
    const claim = { outputId, status: 'proposed', assertedBy: 'ada', assertedRole: 'author', assertedAt: AT } as const;
    await prisma.run.create({ data: { ...run, links: { create: claim } } });
  }

  it('gives a page of outputs of each article, without those that only hidden versions made', async () => {
    const first = await batches.outputs(ANONYMOUS, ['10.5555/1', '10.5555/2', '10.5555/unknown'], 1, null);
    const all = await batches.outputs(ANONYMOUS, ['10.5555/2'], 10, null);

    expect([...first].map(([doi, page]) => [doi, page.edges.map((edge) => edge.node.label), page.hasNextPage])).toEqual(
      [
        ['10.5555/1', ['Figure 1'], true],
        ['10.5555/2', ['Figure 1'], true],
      ],
    );
    expect(all.get('10.5555/2')?.edges.map((edge) => edge.node.label)).toEqual(['Figure 1', 'Figure 2']);
  });

  it('gives links of outputs, newest first, and goes on after a cursor', async () => {
    const keys = [
      { doi: '10.5555/1', label: 'Figure 1' },
      { doi: '10.5555/2', label: 'Figure 2' },
      { doi: '10.5555/2', label: 'Figure 3' },
      { doi: '10.5555/2', label: 'Figure 9' },
    ];

    const first = await batches.linksOfOutputs(ANONYMOUS, keys, 1, null);
    const page = first.get('10.5555/1')?.get('Figure 1');
    const second = await batches.linksOfOutputs(ANONYMOUS, keys.slice(0, 1), 1, page?.edges[0]?.cursor ?? '');

    const runsOf = (found: typeof page): string[] | undefined => found?.edges.map((edge) => edge.node.run.id);
    expect(runsOf(page)).toEqual(['run-2']);
    expect(page?.hasNextPage).toBe(true);
    expect(runsOf(second.get('10.5555/1')?.get('Figure 1'))).toEqual(['run-1']);
    expect(runsOf(first.get('10.5555/2')?.get('Figure 2'))).toEqual(['run-7']);
    expect(runsOf(first.get('10.5555/2')?.get('Figure 3'))).toEqual([]);
    expect(first.get('10.5555/2')?.has('Figure 9')).toBe(false);
  });

  it('gives links of versions that the reader may see, oldest first, and goes on after a cursor', async () => {
    const keys = [
      { recordId: 'env-a', number: 1 },
      { recordId: 'env-p', number: 1 },
    ];

    const first = await batches.linksOfVersions(ANONYMOUS, keys, 4, null);
    const page = first.get('env-a@v1');
    const second = await batches.linksOfVersions(ANONYMOUS, keys, 4, page?.edges.at(-1)?.cursor ?? '');

    expect([...first.keys()]).toEqual(['env-a@v1']);
    expect(page?.edges.map((edge) => edge.node.run.id)).toEqual(['run-1', 'run-2', 'run-3', 'run-5']);
    expect(second.get('env-a@v1')?.edges.map((edge) => edge.node.run.id)).toEqual(['run-6', 'run-7']);
    expect(second.get('env-a@v1')?.hasNextPage).toBe(false);
  });
});

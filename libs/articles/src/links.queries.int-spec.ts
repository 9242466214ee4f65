import { ANONYMOUS, type Principal } from '@envarium/access';
import { PrismaService } from '@envarium/database';
import { createTestDatabase, type TestDatabase } from '@envarium/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linkSelect } from './article.presenter.js';
import { findLinks, type LinkQuestion } from './links.queries.js';

const AT = new Date('2026-01-31T12:00:00.123Z');
const BY = { createdAt: AT, createdBy: 'ada' };
const ADMIN: Principal = { kind: 'account', accountId: 1_000_000n, name: 'admin', isAdmin: true };
const FIGURE_1 = { scope: 'main', kind: 'figure', number: '1', panel: null } as const;
const digest = (name: string): string => `sha256:${Buffer.from(name).toString('hex').padEnd(64, '0')}`;
const ALL = { limit: 100, after: null };

describe('articles/links.queries', () => {
  let database: TestDatabase;
  let prisma: PrismaService;
  let runs = 0;

  beforeAll(async () => {
    database = await createTestDatabase();
    prisma = new PrismaService({ url: database.url, poolSize: 3 });
    const full = await makeVersion('lab/full', 'public', true);
    const bare = await makeVersion('lab/bare', 'public', false);
    const hidden = await makeVersion('lab/hidden', 'private', false);
    const article = await prisma.article.create({
      data: { doi: '10.5555/a', asGiven: '10.5555/A', title: 'A', createdAt: AT },
    });
    const other = await prisma.article.create({ data: { doi: '10.5555/b', asGiven: '10.5555/b', createdAt: AT } });
    const figure = await makeOutput(article.id, '1', '', '10.5555/a.g001');
    const panel = await makeOutput(article.id, '1', 'b', null);
    const foreign = await makeOutput(other.id, '1', '', null);
    await makeLink(figure, full, ['one', 'two', 'one']);
    await makeLink(figure, bare, []);
    await makeLink(panel, hidden, ['one']);
    await makeLink(figure, hidden, ['one']);
    await makeLink(foreign, bare, ['two']);
  });

  afterAll(async () => {
    await prisma.$disconnect();
    await database.drop();
  });

  async function makeVersion(name: string, visibility: 'public' | 'private', isFull: boolean): Promise<bigint> {
    const namespace = await prisma.namespace.create({ data: { name, ...BY } });
    const repository = await prisma.repository.create({ data: { name, visibility, namespaceId: namespace.id, ...BY } });
    const record = await prisma.archiveRecord.create({ data: { publicId: name, repositoryId: repository.id, ...BY } });
    const published = { state: 'published', recordDigest: name, publishedAt: AT, publishedBy: 'ada' } as const;
    const ecosystems = [{ ecosystem: 'pypi', packageCount: 3 }];
    const contents = isFull
      ? {
          description: 'all of it',
          imageDigest: digest('image'),
          environmentManifest: { create: { digest: digest('environment'), size: 9, packageCount: 3, ecosystems } },
          hardware: {
            create: {
              digest: digest('hardware'),
              architecture: 'x86_64',
              gpuModels: ['A "100"', 'B, 200'],
              document: {},
            },
          },
        }
      : {};
    const version = await prisma.recordVersion.create({
      data: {
        number: 1,
        title: name,
        documentDigest: digest(name),
        record: { connect: { id: record.id } },
        ...published,
        ...contents,
        ...BY,
      },
    });
    return version.id;
  }

  async function makeOutput(
    articleId: bigint,
    number: string,
    panel: string,
    componentDoi: string | null,
  ): Promise<bigint> {
    const key = { articleId, scope: 'main', kind: 'figure', number, panel } as const;
    const asPrinted = `Fig. ${number}${panel}`;
    return (await prisma.output.create({ data: { ...key, asPrinted, componentDoi, createdAt: AT } })).id;
  }

  async function makeLink(outputId: bigint, versionId: bigint, files: readonly string[]): Promise<void> {
    const id = `run-${++runs}`;
    const run = {
      publicId: id,
      versionId,
      contentDigest: id,
      artifactDigest: id,
      command: `make ${id}`,
      createdAt: AT,
    };
    const listed = files.map((name, position) => ({
      name: `${name}-${position}`,
      digest: digest(name),
      size: 2n ** 40n,
      position,
    }));
    const claim = { outputId, status: 'proposed', assertedBy: 'ada', assertedRole: 'author', assertedAt: AT } as const;
    await prisma.run.create({
      data: { ...run, links: { create: claim }, files: { create: listed }, inputs: { create: listed.slice(0, 1) } },
    });
  }

  const commands = async (question: LinkQuestion, principal: Principal = ANONYMOUS): Promise<(string | null)[]> =>
    (await findLinks(prisma, principal, question, ALL)).map((row) => row.run.command);

  it('gives the very rows that Prisma would give', async () => {
    const expected = await prisma.outputLink.findMany({
      where: { output: { article: { doi: '10.5555/a' } } },
      orderBy: [{ runId: 'desc' }, { outputId: 'desc' }],
      select: linkSelect,
    });

    expect(expected).toHaveLength(4);
    expect(await findLinks(prisma, ADMIN, { doi: '10.5555/a', label: null }, ALL)).toEqual(expected);
  });

  it.each<[string, LinkQuestion, string[]]>([
    ['an article', { doi: '10.5555/a', label: null }, ['make run-2', 'make run-1']],
    ['a figure by its own DOI', { doi: '10.5555/a.g001', label: null }, ['make run-2', 'make run-1']],
    ['a label', { doi: '10.5555/a', label: FIGURE_1 }, ['make run-2', 'make run-1']],
    ['a panel that only a hidden version made', { doi: '10.5555/a', label: { ...FIGURE_1, panel: 'b' } }, []],
    ['a file, once though the run has it twice', { file: digest('one') }, ['make run-1']],
    ['a file of several articles', { file: digest('two') }, ['make run-5', 'make run-1']],
    ['nothing that is here', { doi: '10.5555/c', label: FIGURE_1 }, []],
  ])('finds %s, newest first', async (_, question, expected) => {
    expect(await commands(question)).toEqual(expected);
  });

  it('shows hidden links to those who may see them', async () => {
    const [member] = await prisma.$queryRaw<{ account_id: bigint }[]>`
      WITH a AS (INSERT INTO account (name) VALUES ('member') RETURNING id)
      INSERT INTO namespace_member (namespace_id, account_id, role)
      SELECT n.id, a.id, 'reader' FROM a, namespace n WHERE n.name = 'lab/hidden' RETURNING account_id`;
    const principal: Principal = { kind: 'account', accountId: member!.account_id, name: 'member', isAdmin: false };

    expect(await commands({ file: digest('one') }, principal)).toEqual(['make run-4', 'make run-3', 'make run-1']);
    expect(await commands({ file: digest('one') }, ADMIN)).toEqual(['make run-4', 'make run-3', 'make run-1']);
  });

  it('goes on after a link, without one twice', async () => {
    const question = { doi: '10.5555/a', label: null } as const;
    const seen: (string | null)[] = [];
    let after: { runId: bigint; outputId: bigint } | null = null;

    for (;;) {
      const [row] = await findLinks(prisma, ADMIN, question, { limit: 1, after });
      if (row === undefined) break;
      seen.push(row.run.command);
      after = { runId: row.runId, outputId: row.outputId };
    }

    expect(seen).toEqual(['make run-4', 'make run-3', 'make run-2', 'make run-1']);
  });
});

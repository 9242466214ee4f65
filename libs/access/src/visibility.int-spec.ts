import { Prisma, PrismaService, type VersionState, type Visibility } from '@envarium/database';
import { createTestDatabase, type TestDatabase } from '@envarium/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ANONYMOUS, type Principal } from './principal.js';
import { heldBy, readableBy, versionsReadableBy, versionsReadableSql } from './visibility.js';

const BY = { createdAt: new Date('2026-01-31T12:00:00Z'), createdBy: 'ada' };
const PRINCIPALS = ['anonymous', 'stranger', 'reader', 'depositor', 'owner', 'admin'] as const;

/** One repository for each visibility and set of states; `lab/public-published-draft` has version 1 published, 2 a draft. */
const CASES: readonly (readonly [Visibility, ...VersionState[]])[] = (['public', 'private'] as const).flatMap(
  (visibility) =>
    [
      [visibility],
      [visibility, 'draft'],
      [visibility, 'in_review'],
      [visibility, 'published'],
      [visibility, 'published', 'draft'],
      [visibility, 'withdrawn'],
      [visibility, 'withdrawn', 'published', 'in_review'],
    ] satisfies [Visibility, ...VersionState[]][],
);

const PUBLIC = [
  'public-published v1',
  'public-published-draft v1',
  'public-withdrawn v1',
  'public-withdrawn-published-in_review v1',
  'public-withdrawn-published-in_review v2',
];

describe('access/visibility', () => {
  let database: TestDatabase;
  let prisma: PrismaService;
  let principals: Record<(typeof PRINCIPALS)[number], Principal>;

  beforeAll(async () => {
    database = await createTestDatabase();
    prisma = new PrismaService({ url: database.url, poolSize: 3 });
    const lab = await prisma.namespace.create({ data: { name: 'lab', ...BY } });
    const other = await prisma.namespace.create({ data: { name: 'other', ...BY } });
    const account = async (
      name: string,
      role: 'reader' | 'depositor' | 'owner',
      namespaceId: bigint,
    ): Promise<Principal> => {
      const { id } = await prisma.account.create({ data: { name, memberships: { create: { namespaceId, role } } } });
      return { kind: 'account', accountId: id, name, isAdmin: false };
    };
    principals = {
      anonymous: ANONYMOUS,
      stranger: await account('stranger', 'owner', other.id),
      reader: await account('reader', 'reader', lab.id),
      depositor: await account('depositor', 'depositor', lab.id),
      owner: await account('owner', 'owner', lab.id),
      admin: { kind: 'account', accountId: 1_000_000n, name: 'admin', isAdmin: true },
    };
    for (const [visibility, ...states] of CASES) await makeRepository(lab.id, visibility, states);
  });

  afterAll(async () => {
    await prisma.$disconnect();
    await database.drop();
  });

  async function makeRepository(namespaceId: bigint, visibility: Visibility, states: VersionState[]): Promise<void> {
    const name = [visibility, ...states].join('-');
    const repository = await prisma.repository.create({ data: { name, namespaceId, visibility, ...BY } });
    const record = await prisma.archiveRecord.create({ data: { publicId: name, repositoryId: repository.id, ...BY } });
    for (const [i, state] of states.entries()) {
      const frozen = ['published', 'withdrawn'].includes(state)
        ? { recordDigest: `${name} ${i}`, publishedAt: BY.createdAt, publishedBy: 'ada' }
        : {};
      await prisma.recordVersion.create({
        data: { recordId: record.id, number: i + 1, state, title: name, documentDigest: 'sha256:0', ...frozen, ...BY },
      });
    }
  }

  async function versionsOf(principal: Principal): Promise<string[]> {
    const rows = await prisma.recordVersion.findMany({
      where: versionsReadableBy(principal),
      select: { number: true, title: true },
    });
    return rows.map(({ title, number }) => `${title} v${number}`).toSorted();
  }

  it.each(['anonymous', 'stranger'] as const)(
    'shows published and withdrawn versions of public records to %s',
    async (who) => {
      expect(await versionsOf(principals[who])).toEqual(PUBLIC);
    },
  );

  it.each(['reader', 'depositor', 'owner', 'admin'] as const)('shows every version to %s', async (who) => {
    expect(await versionsOf(principals[who])).toHaveLength(
      CASES.reduce((count, [, ...states]) => count + states.length, 0),
    );
  });

  it.each(PRINCIPALS)('says the same in SQL as in Prisma, for %s', async (who) => {
    const rows = await prisma.$queryRaw<{ name: string }[]>`
      SELECT n.name || ' v' || v.number AS name
      FROM record_version v JOIN archive_record p ON p.id = v.record_id JOIN repository n ON n.id = p.repository_id
      WHERE ${versionsReadableSql(principals[who])} AND ${Prisma.sql`true`}`;

    expect(rows.map(({ name }) => name).toSorted()).toEqual(await versionsOf(principals[who]));
  });

  it('shows a repository to everybody only when something in it is published', async () => {
    const names = async (principal: Principal): Promise<string[]> => {
      const rows = await prisma.repository.findMany({ where: readableBy(principal), select: { name: true } });
      return rows.map(({ name }) => name).toSorted();
    };

    const open = [
      'public-published',
      'public-published-draft',
      'public-withdrawn',
      'public-withdrawn-published-in_review',
    ];
    expect(await names(ANONYMOUS)).toEqual(open);
    expect(await names(principals.stranger)).toEqual(open);
    expect(await names(principals.reader)).toHaveLength(CASES.length);
  });

  it('holds a role for its owners, and the lower ones with it', async () => {
    const count = async (principal: Principal, role: 'reader' | 'depositor' | 'owner'): Promise<boolean> =>
      (await prisma.repository.count({ where: heldBy(principal, role) })) > 0;
    const table = await Promise.all(
      PRINCIPALS.map(async (who) => [
        who,
        await count(principals[who], 'reader'),
        await count(principals[who], 'depositor'),
        await count(principals[who], 'owner'),
      ]),
    );

    expect(table).toEqual([
      ['anonymous', false, false, false],
      ['stranger', false, false, false],
      ['reader', true, false, false],
      ['depositor', true, true, false],
      ['owner', true, true, true],
      ['admin', true, true, true],
    ]);
  });
});

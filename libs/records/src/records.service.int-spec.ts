import { ANONYMOUS, type Principal } from '@envarium/access';
import { PrismaService, type VersionState } from '@envarium/database';
import { createTestDatabase, type TestDatabase } from '@envarium/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newRecordId } from './record-id.js';
import { RecordsService } from './records.service.js';

const AT = new Date('2026-01-31T12:00:00Z');
const BY = { createdAt: AT, createdBy: 'ada' };
const ADMIN: Principal = { kind: 'account', accountId: 1_000_000n, name: 'admin', isAdmin: true };

describe('records/records.service', () => {
  let database: TestDatabase;
  let prisma: PrismaService;
  let records: RecordsService;

  beforeAll(async () => {
    database = await createTestDatabase();
    prisma = new PrismaService({ url: database.url, poolSize: 2 });
    records = new RecordsService(prisma);
    await prisma.namespace.create({ data: { name: 'lab', ...BY } });
    await prisma.namespace.create({ data: { name: 'other', ...BY } });
    await makeRecord('lab/published', ['published', 'published', 'draft']);
    await makeRecord('lab/withdrawn', ['published', 'withdrawn', 'draft']);
    await makeRecord('lab/gone', ['withdrawn']);
    await makeRecord('lab/draft', ['draft']);
    await makeRecord('lab/empty', []);
    await makeRecord('other/published', ['published']);
  });

  afterAll(async () => {
    await prisma.$disconnect();
    await database.drop();
  });

  async function makeRecord(name: string, states: readonly VersionState[]): Promise<void> {
    const namespace = { connect: { name: name.split('/')[0]! } };
    const repository = await prisma.repository.create({ data: { name, visibility: 'public', namespace, ...BY } });
    const record = await prisma.archiveRecord.create({
      data: { publicId: newRecordId(), repositoryId: repository.id, ...BY },
    });
    for (const [i, state] of states.entries()) {
      const frozen = state === 'draft' ? {} : { recordDigest: `${name} ${i}`, publishedAt: AT, publishedBy: 'ada' };
      const version = { number: i + 1, state, title: `${name} ${state} ${i + 1}`, documentDigest: 'sha256:0' };
      await prisma.recordVersion.create({ data: { recordId: record.id, ...version, ...frozen, ...BY } });
    }
  }

  it.each([
    ['lab/published', 2, 2],
    ['lab/withdrawn', 1, 1],
    ['lab/gone', 1, 1],
  ])(
    'takes the newest published version of %s when none is named, else the newest there is',
    async (name, forAll, forAdmin) => {
      expect((await records.version(ANONYMOUS, name)).number).toBe(forAll);
      expect((await records.version(ADMIN, name)).number).toBe(forAdmin);
    },
  );

  it('takes the draft when nothing is published, for those who may see it', async () => {
    expect(await records.version(ADMIN, 'lab/draft')).toMatchObject({ number: 1, state: 'draft' });
    await expect(records.version(ANONYMOUS, 'lab/draft')).rejects.toMatchObject({ code: 'RECORD_UNKNOWN' });
  });

  it.each([
    ['a draft', 'lab/published@v3'],
    ['a version that is not there', 'lab/published@v4'],
    ['a record that is not there', 'lab/nothing@v1'],
  ])('does not know %s', async (_, reference) => {
    await expect(records.version(ANONYMOUS, reference)).rejects.toMatchObject({
      code: 'VERSION_UNKNOWN',
      detail: { reference },
    });
  });

  it('titles a record after the newest version that the reader may see', async () => {
    const titles = async (principal: Principal, name: string): Promise<[string, number | null]> => {
      const { title, latestVersion } = await records.record(principal, name);
      return [title, latestVersion];
    };

    expect(await titles(ANONYMOUS, 'lab/published')).toEqual(['lab/published published 2', 2]);
    expect(await titles(ADMIN, 'lab/published')).toEqual(['lab/published draft 3', 2]);
    expect(await titles(ANONYMOUS, 'lab/withdrawn')).toEqual(['lab/withdrawn withdrawn 2', 1]);
    expect(await titles(ANONYMOUS, 'lab/gone')).toEqual(['lab/gone withdrawn 1', null]);
    expect(await titles(ADMIN, 'lab/empty')).toEqual(['lab/empty', null]);
  });

  it('lists records newest first, page by page, of one namespace or of all', async () => {
    const first = await records.list(ADMIN, {}, 4, null);
    const second = await records.list(ADMIN, {}, 4, first.next);

    expect([...first.items, ...second.items].map(({ repository }) => repository)).toEqual([
      'other/published',
      'lab/empty',
      'lab/draft',
      'lab/gone',
      'lab/withdrawn',
      'lab/published',
    ]);
    expect(second.next).toBeNull();
    const other = await records.list(ANONYMOUS, { namespace: 'other' }, 10, null);
    expect(other.items.map(({ repository }) => repository)).toEqual(['other/published']);
  });

  it('tells who may read and not write from who may not even read', async () => {
    await expect(records.requireWritableVersion(ANONYMOUS, 'lab/published@v1')).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
    });
    const { id } = await prisma.account.create({ data: { name: 'stranger' } });
    const stranger: Principal = { kind: 'account', accountId: id, name: 'stranger', isAdmin: false };
    await expect(records.requireWritableVersion(stranger, 'lab/published@v1')).rejects.toMatchObject({
      code: 'DENIED',
    });
    await expect(records.requireWritableVersion(stranger, 'lab/draft@v1')).rejects.toMatchObject({
      code: 'VERSION_UNKNOWN',
    });
  });
});

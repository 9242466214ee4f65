import { PrismaService } from '@envarium/database';
import type { EnvironmentManifest } from '@envarium/schema';
import { createTestDatabase, type TestDatabase } from '@envarium/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertEnvironmentManifest } from './environment-rows.js';
import { understandFiles } from './understand-files.js';

const stored = (name: string) => ({ digest: `sha256:${name.padEnd(64, '0')}`, size: 100 });
const manifestOf = (text: string): EnvironmentManifest => {
  const { environment } = understandFiles([{ path: 'requirements.txt', bytes: Buffer.from(text) }]);
  if (environment === null) throw new Error(`not understood: ${text}`);
  return environment;
};

describe('environments/environment-rows', () => {
  let database: TestDatabase;
  let prisma: PrismaService;

  beforeAll(async () => {
    database = await createTestDatabase();
    prisma = new PrismaService({ url: database.url, poolSize: 6 });
  });

  afterAll(async () => {
    await prisma.$disconnect();
    await database.drop();
  });

  const insert = async (name: string, manifest: EnvironmentManifest): Promise<bigint> =>
    await prisma.$transaction(async (tx) => await insertEnvironmentManifest(tx, stored(name), manifest));

  it('makes a fixed version a package, and a wish a requirement', async () => {
    const id = await insert('a1', manifestOf('NumPy==1.26.4\nscipy>=1.0,<2\n'));

    const fixed = await prisma.environmentPackage.findMany({
      where: { manifestId: id },
      select: {
        scope: true,
        packageVersion: { select: { version: true, build: true, package: { select: { normalizedName: true } } } },
      },
    });
    const wished = await prisma.environmentRequirement.findMany({
      where: { manifestId: id },
      select: { specifier: true, package: { select: { normalizedName: true } } },
    });
    expect(fixed).toEqual([
      { scope: 'language', packageVersion: { version: '1.26.4', build: '', package: { normalizedName: 'numpy' } } },
    ]);
    expect(wished).toMatchObject([{ package: { normalizedName: 'scipy' } }]);
    expect(wished[0]?.specifier).toMatch(/1\.0/);
    expect(await prisma.environmentManifest.findUnique({ where: { id } })).toMatchObject({
      packageCount: 2,
      ecosystems: [{ ecosystem: 'pypi', packageCount: 2 }],
    });
  });

  it('keeps the first evidence of a package, and whether what is asked for is fixed elsewhere', async () => {
    const { environment } = understandFiles([
      { path: 'b/requirements.txt', bytes: Buffer.from('# wishes\nflask>=2\nattrs>=20\n') },
      { path: 'a/requirements.txt', bytes: Buffer.from('flask==2.3.3\n') },
      { path: 'c/requirements.txt', bytes: Buffer.from('\n\nflask==2.3.3\n') },
    ]);
    if (environment === null) throw new Error('not understood');
    const id = await insert('a2', environment);

    const { files } = await prisma.environmentManifest.findUniqueOrThrow({ where: { id }, select: { files: true } });
    const fixed = await prisma.environmentPackage.findMany({
      where: { manifestId: id },
      select: { file: true, line: true },
    });
    const wished = await prisma.environmentRequirement.findMany({
      where: { manifestId: id },
      orderBy: { line: 'asc' },
      select: { isFixed: true, file: true, line: true },
    });
    expect(files).toEqual(['a/requirements.txt', 'b/requirements.txt']);
    expect(fixed).toEqual([{ file: 1, line: 1 }]);
    expect(wished).toEqual([
      { isFixed: true, file: 2, line: 2 },
      { isFixed: false, file: 2, line: 3 },
    ]);
  });

  it('is the same row when it comes again', async () => {
    const manifest = manifestOf('click==8.1.7\n');

    expect(await insert('b1', manifest)).toBe(await insert('b1', manifest));
  });

  it('shares package versions between manifests', async () => {
    await insert('c1', manifestOf('shared==1.0\n'));
    await insert('c2', manifestOf('shared==1.0\nother==2.0\n'));

    expect(await prisma.packageVersion.count({ where: { package: { normalizedName: 'shared' } } })).toBe(1);
  });

  it('takes manifests at once that bring the same new packages in other orders', async () => {
    const lines = Array.from({ length: 300 }, (_, i) => `crowd-${i}==1.${i}\n`);
    const manifest = manifestOf(lines.join(''));
    const turned = {
      ...manifest,
      scopes: manifest.scopes.map((scope) => ({ ...scope, packages: scope.packages.toReversed() })),
    };

    const ids = await Promise.all([manifest, turned, manifest, turned].map((each, i) => insert(`d${i}`, each)));

    for (const manifestId of ids) expect(await prisma.environmentPackage.count({ where: { manifestId } })).toBe(300);
  });

  it('gives writers of the same manifest at once the same row', async () => {
    const manifest = manifestOf('same==1.0\n');

    const ids = await Promise.all(Array.from({ length: 5 }, () => insert('e1', manifest)));

    expect(new Set(ids).size).toBe(1);
  });
});

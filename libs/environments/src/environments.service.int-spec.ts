import { PrismaService } from '@envarium/database';
import { createTestDatabase, type TestDatabase } from '@envarium/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EnvironmentsService, type VersionContent } from './environments.service.js';
import { ImageEnvironmentsService } from './image-environments.service.js';

describe('environments/environments.service', () => {
  let database: TestDatabase;
  let prisma: PrismaService;
  let environments: EnvironmentsService;

  beforeAll(async () => {
    database = await createTestDatabase();
    prisma = new PrismaService({ url: database.url, poolSize: 3 });
    environments = new EnvironmentsService(prisma, new ImageEnvironmentsService(prisma));
    const versions: bigint[] = [];
    for (const name of ['numpy', 'pandas', 'scipy']) {
      const { id } = await prisma.packageVersion.create({
        data: {
          version: '1.0',
          build: name === 'numpy' ? 'py_0' : '',
          package: { create: { ecosystem: 'pypi', normalizedName: name } },
        },
      });
      versions.push(id);
    }
    await makeManifest('sha256:all', versions, ['language', 'container']);
    await makeManifest('sha256:one', versions.slice(2), ['language']);
    await makeManifest('sha256:none', [], []);
    await prisma.hardwareFingerprint.create({
      data: {
        digest: 'sha256:machine',
        gpuModels: [],
        document: {
          schemaVersion: 1,
          architecture: { value: 'x86_64', source: 'lscpu', learned: 'reported' },
          cpu: null,
          gpus: [],
          gpuDriver: null,
          cudaDriverMax: null,
          kernel: null,
          memoryBytes: { value: 1_099_511_627_776, source: 'node-os', learned: 'reported' },
          problems: [],
        },
      },
    });

    async function makeManifest(
      digest: string,
      packageVersionIds: readonly bigint[],
      scopes: readonly ('language' | 'container')[],
    ): Promise<void> {
      const packages = packageVersionIds.flatMap((packageVersionId) =>
        scopes.map((scope) => ({ packageVersionId, scope, standing: 'locked' as const })),
      );
      await prisma.environmentManifest.create({
        data: { digest, size: 1, packageCount: packages.length, ecosystems: [], packages: { create: packages } },
      });
    }
  });

  afterAll(async () => {
    await prisma.$disconnect();
    await database.drop();
  });

  const content = (digest: string): VersionContent => ({ environment: { digest }, imageDigest: null });
  const names = (page: { items: readonly { name: string; scope: string }[] }): string[] =>
    page.items.map((item) => `${item.name} ${item.scope}`);

  it('gives packages with all their fields', async () => {
    const { items } = await environments.packages(content('sha256:one'), 10, null);

    expect(items).toEqual([
      { ecosystem: 'pypi', name: 'scipy', version: '1.0', build: '', scope: 'language', standing: 'locked' },
    ]);
  });

  it('never ends a page inside a package that stands in several scopes', async () => {
    const first = await environments.packages(content('sha256:all'), 2, null);
    const second = await environments.packages(content('sha256:all'), 2, first.next);

    expect(names(first)).toEqual(['numpy container', 'numpy language', 'pandas container', 'pandas language']);
    expect(names(second)).toEqual(['scipy container', 'scipy language']);
    expect(second.next).toBeNull();
  });

  it('gives a page of each of many environments', async () => {
    const pages = await environments.packagesOfVersions(
      new Map(['sha256:all', 'sha256:none', 'sha256:one'].map((digest) => [digest, content(digest)])),
      1,
      null,
    );

    expect(
      [...pages].map(([digest, page]) => [digest, page.edges.map((edge) => edge.node.name), page.hasNextPage]),
    ).toEqual([
      ['sha256:all', ['numpy', 'numpy'], true],
      ['sha256:one', ['scipy'], false],
    ]);
  });

  it('gives whole hardware fingerprints by digest', async () => {
    const found = await environments.hardware(['sha256:machine', 'sha256:unknown']);

    expect([...found.keys()]).toEqual(['sha256:machine']);
    expect(found.get('sha256:machine')?.memoryBytes?.value).toBe(1_099_511_627_776);
  });
});

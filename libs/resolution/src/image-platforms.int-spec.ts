import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PrismaService } from '@envarium/database';
import { digestOf, OCI_IMAGE_INDEX, OCI_IMAGE_MANIFEST } from '@envarium/oci';
import { ContentService } from '@envarium/registry';
import { openStore } from '@envarium/storage';
import { createTestDatabase, type TestDatabase } from '@envarium/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ImagePlatforms, platformName } from './image-platforms.js';

describe('resolution/image-platforms', () => {
  let database: TestDatabase;
  let prisma: PrismaService;
  let directory: string;
  let content: ContentService;

  beforeAll(async () => {
    database = await createTestDatabase();
    prisma = new PrismaService({ url: database.url, poolSize: 2 });
    directory = await mkdtemp(path.join(tmpdir(), 'envarium-platforms-'));
    content = new ContentService(prisma, await openStore({ kind: 'filesystem', directory }));
  });

  afterAll(async () => {
    await prisma.$disconnect();
    await database.drop();
    await rm(directory, { recursive: true, force: true });
  });

  async function index(platforms: readonly { os: string; architecture: string; variant?: string }[]): Promise<string> {
    const manifests = platforms.map((platform) => ({
      mediaType: OCI_IMAGE_MANIFEST,
      digest: digestOf(Buffer.from(JSON.stringify(platform))),
      size: 100,
      platform,
    }));
    const document = { schemaVersion: 2, mediaType: OCI_IMAGE_INDEX, manifests };
    return (await content.write(Buffer.from(JSON.stringify(document)))).digest;
  }

  const fitting = async (image: string, machine: string): Promise<string | null> => {
    const found = await new ImagePlatforms(content).fitting(image, machine);
    return found === null ? null : `${platformName(found.platform)} ${found.digest}`;
  };

  it('names the one image of an index that is for the machine', async () => {
    const arm = { os: 'linux', architecture: 'arm64', variant: 'v8' };
    const image = await index([{ os: 'linux', architecture: 'amd64' }, arm, { os: 'windows', architecture: 'amd64' }]);

    expect(await fitting(image, 'aarch64')).toBe(`linux/arm64/v8 ${digestOf(Buffer.from(JSON.stringify(arm)))}`);
    expect(await fitting(image, 'amd64')).toMatch(/^linux\/amd64 sha256:/);
  });

  it('chooses nothing where none fits, where several do, and for a machine that it does not know', async () => {
    const levels = [
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'amd64', variant: 'v3' },
    ];
    const image = await index(levels);

    expect(await fitting(image, 's390x')).toBeNull();
    expect(await fitting(image, 'x86_64')).toBeNull();
    expect(await fitting(image, 'abacus')).toBeNull();
  });
});

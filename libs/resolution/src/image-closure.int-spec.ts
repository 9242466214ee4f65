import { PrismaService } from '@envarium/database';
import { createTestDatabase, type TestDatabase } from '@envarium/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ImageClosure } from './image-closure.js';

const digest = (name: string): string => `sha256:${Buffer.from(name).toString('hex').padEnd(64, '0')}`;
const CHECKED = new Date('2026-02-01T00:00:00Z');

type Edge = readonly [kind: 'config' | 'layer' | 'child' | 'subject', name: string];

describe('resolution/image-closure', () => {
  let database: TestDatabase;
  let prisma: PrismaService;
  let closure: ImageClosure;

  beforeAll(async () => {
    database = await createTestDatabase();
    prisma = new PrismaService({ url: database.url, poolSize: 2 });
    closure = new ImageClosure(prisma);
    await blob('config-1', 10n);
    await blob('config-2', 11n, 'suspect');
    await blob('shared', 1000n);
    await blob('own', 2000n, 'missing');
    await manifest('image-1', [
      ['config', 'config-1'],
      ['layer', 'shared'],
      ['layer', 'shared'],
    ]);
    await manifest('image-2', [
      ['config', 'config-2'],
      ['layer', 'shared'],
      ['layer', 'own'],
    ]);
    await manifest('index', [
      ['child', 'image-1'],
      ['child', 'image-2'],
      ['child', 'not-here'],
    ]);
    await manifest('signature', [
      ['config', 'config-1'],
      ['subject', 'index'],
    ]);
  });

  afterAll(async () => {
    await prisma.$disconnect();
    await database.drop();
  });

  async function blob(name: string, size: bigint, state: 'ok' | 'suspect' | 'missing' = 'ok'): Promise<bigint> {
    const { id } = await prisma.blob.create({ data: { digest: digest(name), size, state, lastVerifiedAt: CHECKED } });
    return id;
  }

  async function manifest(name: string, edges: readonly Edge[]): Promise<void> {
    const references = edges.map(([kind, target], position) => ({
      position,
      kind,
      digest: digest(target),
      mediaType: 'application/octet-stream',
      size: 5n,
    }));
    await prisma.imageManifest.create({
      data: {
        blobId: await blob(name, 500n),
        digest: digest(name),
        mediaType: 'application/vnd.oci.image.index.v1+json',
        kind: name === 'index' ? 'index' : 'image',
        references: { create: references },
      },
    });
  }

  const namesOf = async (image: string): Promise<string[]> => {
    const known = ['config-1', 'config-2', 'shared', 'own', 'image-1', 'image-2', 'index', 'signature', 'not-here'];
    const blobs = await closure.blobs(digest(image));
    return blobs.map((each) => known.find((name) => digest(name) === each.digest) ?? each.digest).toSorted();
  };

  it('is manifest, config and layers of an image, each once', async () => {
    expect(await namesOf('image-1')).toEqual(['config-1', 'image-1', 'shared']);
  });

  it('goes through an index to all its images', async () => {
    expect(await namesOf('index')).toEqual([
      'config-1',
      'config-2',
      'image-1',
      'image-2',
      'index',
      'not-here',
      'own',
      'shared',
    ]);
  });

  it('does not follow a subject', async () => {
    expect(await namesOf('signature')).toEqual(['config-1', 'signature']);
  });

  it('says the state and the last check of each blob, and what is not here at all', async () => {
    const states = new Map((await closure.blobs(digest('index'))).map((each) => [each.digest, each]));

    expect(states.get(digest('shared'))).toMatchObject({ state: 'ok', lastVerifiedAt: CHECKED });
    expect(states.get(digest('config-2'))?.state).toBe('suspect');
    expect(states.get(digest('own'))?.state).toBe('missing');
    expect(states.get(digest('not-here'))).toMatchObject({ state: 'absent', lastVerifiedAt: null });
  });

  it('is empty for an image that is not here', async () => {
    expect(await closure.blobs(digest('unknown'))).toEqual([]);
  });
});

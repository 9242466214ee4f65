import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PrismaService } from '@envarium/database';
import { digestOf } from '@envarium/oci';
import { type VersionRow, versionSelect } from '@envarium/records';
import { ContentService } from '@envarium/registry';
import type { ClosureDocument, Exchange } from '@envarium/schema';
import { openStore, type Store } from '@envarium/storage';
import { createTestDatabase, type TestDatabase } from '@envarium/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ClosureGaps } from '../closure-gaps.js';
import { ImageClosure } from '../image-closure.js';
import { RecordedClosures } from '../recorded-closures.js';
import { UpstreamPointers } from '../upstream-pointers.js';
import { MirrorSource } from './mirror-source.js';
import { ReResolveSource } from './re-resolve-source.js';
import { RebuildSource } from './rebuild-source.js';

const AT = new Date('2026-01-02T00:00:00Z');
const BY = { createdAt: AT, createdBy: 'ada' };
const digest = (name: string): string => digestOf(Buffer.from(name));
const IMAGE = digest('image');

let database: TestDatabase;
let prisma: PrismaService;
let store: Store;
let directory: string;
let content: ContentService;
let closure: ImageClosure;
let version: VersionRow;
let repositories = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  prisma = new PrismaService({ url: database.url, poolSize: 4 });
  directory = await mkdtemp(path.join(tmpdir(), 'envarium-sources-'));
  store = await openStore({ kind: 'filesystem', directory });
  content = new ContentService(prisma, store);
  closure = new ImageClosure(prisma);
  await prisma.namespace.create({ data: { name: 'lab', ...BY } });
});

beforeEach(async () => {
  const name = `lab/eeg-${++repositories}`;
  const namespace = { connect: { name: 'lab' } };
  const repository = await prisma.repository.create({ data: { name, visibility: 'public', namespace, ...BY } });
  const record = await prisma.archiveRecord.create({
    data: { publicId: `env-${repositories}`, repositoryId: repository.id, ...BY },
  });
  version = await prisma.recordVersion.create({
    data: {
      recordId: record.id,
      number: 1,
      state: 'draft',
      title: 'EEG',
      documentDigest: IMAGE,
      imageDigest: IMAGE,
      ...BY,
    },
    select: versionSelect,
  });
});

afterAll(async () => {
  await prisma.$disconnect();
  await database.drop();
  await rm(directory, { recursive: true, force: true });
});

type State = 'ok' | 'suspect' | 'missing';

async function blob(name: string, state: State = 'ok'): Promise<bigint> {
  const row = { digest: digest(name), size: 10n, state };
  const { id } = await prisma.blob.upsert({ where: { digest: row.digest }, create: row, update: { state } });
  return id;
}

/** An artifact, or an image, of these blobs. */
async function artifact(name: string, layers: readonly string[]): Promise<string> {
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const references = layers.map((target, position) => ({
    position,
    kind: 'layer' as const,
    digest: target.startsWith('sha256:') ? target : digest(target),
    mediaType,
    size: 10n,
  }));
  await prisma.imageManifest.create({
    data: {
      blobId: await blob(name),
      digest: digest(name),
      mediaType,
      kind: 'image',
      references: { create: references },
    },
  });
  return digest(name);
}

const exchange = (url: string, body: string | null, more: Partial<Exchange> = {}): Exchange => ({
  method: 'GET',
  url,
  request: {},
  requestDigest: null,
  status: 200,
  headers: {},
  digest: body === null ? null : digest(body),
  size: 10,
  ...more,
});

interface Recording {
  readonly builder?: string | null;
  readonly exchanges?: readonly Exchange[];
  readonly layers?: readonly string[];
}

/** @param name of the closure, so that two of one version differ */
async function record(name: string, { builder = null, exchanges = [], layers = [] }: Recording): Promise<string> {
  const unique = (text: string): string => `${repositories} ${name} ${text}`;
  const lines = Buffer.from(`${exchanges.map((line) => JSON.stringify(line)).join('\n')}\nnot JSON\n`);
  const written = await content.write(lines);
  await prisma.blob.upsert({
    where: { digest: written.digest },
    create: { digest: written.digest, size: 10n },
    update: {},
  });
  const recipeDigest = await artifact(unique('recipe'), []);
  const recipe = {
    schemaVersion: 1,
    record: { id: 'env-1', repository: 'lab/eeg' },
    version: 1,
    recordDigest: IMAGE,
    origin: 'deposited',
    generator: null,
    dockerfile: IMAGE,
    context: IMAGE,
    bases: [],
    platform: 'linux/amd64',
    warnings: [],
    createdAt: AT.toISOString(),
    createdBy: 'ada',
  };
  const { id } = await prisma.recipe.create({
    data: { versionId: version.id, artifactDigest: recipeDigest, document: recipe, ...BY },
  });
  const image = { digest: IMAGE, size: 1, mediaType: 'application/vnd.oci.image.manifest.v1+json' };
  const document: ClosureDocument = {
    schemaVersion: 1,
    record: { id: 'env-1', repository: 'lab/eeg' },
    version: 1,
    recordDigest: IMAGE,
    recipeDigest,
    exchanges: { digest: written.digest, size: lines.length, count: exchanges.length },
    packages: { digest: IMAGE, size: 0, count: 0 },
    contentSize: 2048,
    image,
    builder: {
      executor: 'buildah',
      name: 'buildah',
      version: '1.28.2',
      runtime: null,
      image: builder === null ? null : { ...image, digest: digest(builder) },
      flags: [],
    },
    epoch: 0,
    recordedAt: AT.toISOString(),
    recordedBy: 'ada',
  };
  const closureDigest = await artifact(unique('closure'), [written.digest, ...layers]);
  const recorded = { recordedAt: AT, recordedBy: 'ada', imageDigest: IMAGE };
  await prisma.closure.create({
    data: { versionId: version.id, recipeId: id, artifactDigest: closureDigest, document, ...recorded },
  });
  return closureDigest;
}

async function prove(closureDigest: string, outcome: string): Promise<void> {
  const id = `${repositories} ${outcome} ${closureDigest}`;
  await prisma.receipt.create({
    data: {
      publicId: id,
      kind: 'rebuild',
      versionId: version.id,
      outcome,
      summary: '',
      subjectDigest: IMAGE,
      artifactDigest: digest(id),
      envelopeDigest: digest(id),
      keyId: 'key',
      isProof: true,
      statement: { predicate: { closureDigest } },
      ...BY,
    },
  });
}

async function point(reference: string, state: 'unchecked' | 'ok' | 'changed' | 'dead', kind: 'image' | 'package') {
  const lastCheckedAt = state === 'unchecked' ? null : new Date('2026-03-01T00:00:00Z');
  await prisma.upstreamPointer.create({
    data: { versionId: version.id, kind, reference, digest: IMAGE, state, lastCheckedAt },
  });
}

describe('resolution/sources/rebuild-source', () => {
  const detect = async () =>
    await new RebuildSource(
      new RecordedClosures(prisma, closure),
      new ClosureGaps(content, new UpstreamPointers(prisma)),
    ).detect(version);

  it('has nothing to say where nothing was recorded', async () => {
    expect(await detect()).toEqual([
      {
        attempt: {
          source: 'rebuild',
          outcome: 'no-closure',
          reason: 'nothing was recorded for a rebuild of this version',
        },
      },
    ]);
  });

  it('takes the closure that came out best, among those that are complete', async () => {
    await blob('body');
    const older = await record('older', { layers: ['body'] });
    await prove(older, 'same-files');
    await prove(await record('newer', { layers: ['body'] }), 'differs');
    await prove(await record('newest', { layers: ['not here'] }), 'identical');

    const answers = await detect();

    expect(answers).toMatchObject([{ route: { kind: 'rebuild', grade: 'same-files', fixity: { damaged: [] } } }]);
  });

  it('does not take the receipt of one closure for another', async () => {
    await prove(await record('older', { layers: ['not here'] }), 'identical');
    await record('newer', {});

    expect(await detect()).toMatchObject([{ route: { kind: 'rebuild', grade: 'unproven', receipts: [] } }]);
  });

  it('misses the builder, which no address is known for', async () => {
    await record('one', { builder: 'builder' });

    expect(await detect()).toMatchObject([
      { attempt: { source: 'rebuild', outcome: 'closure-incomplete' } },
      {
        attempt: {
          source: 'assisted-rebuild',
          outcome: 'closure-incomplete',
          reason: `1 of the missing blobs cannot be had again: ${digest('builder')}, no address is known`,
        },
      },
    ]);
  });

  it('asks only where a GET gave the whole body', async () => {
    await record('one', {
      layers: ['posted', 'part'],
      exchanges: [
        exchange('https://a.example.org/posted', 'posted', { method: 'POST' }),
        exchange('https://a.example.org/part', 'part', { status: 206 }),
      ],
    });

    const [, assisted] = await detect();

    expect(assisted).toMatchObject({ attempt: { source: 'assisted-rebuild' } });
  });

  it('prefers the address that was right when last checked', async () => {
    await point('https://a.example.org/body', 'dead', 'package');
    await point('https://c.example.org/body', 'ok', 'package');
    await record('one', {
      layers: ['missing body'],
      exchanges: ['a', 'b', 'c'].map((host) => exchange(`https://${host}.example.org/body`, 'missing body')),
    });

    const [incomplete, assisted] = await detect();

    expect(incomplete).toMatchObject({
      attempt: { reason: expect.stringMatching(/: https:\/\/c\.example\.org\/body$/) },
    });
    expect(assisted).toMatchObject({
      route: {
        kind: 'assisted-rebuild',
        grade: 'unproven',
        holders: [{ reference: 'https://c.example.org/body', state: 'ok', checkedAt: '2026-03-01T00:00:00.000Z' }],
        explanation: expect.stringContaining(
          'from c.example.org, which answered with the right bytes when last checked',
        ),
      },
    });
  });

  it('keeps the answer small where many bytes are missing', async () => {
    const bodies = Array.from({ length: 500 }, (_, i) => `lost ${i}`);
    const exchanges = bodies.flatMap((body) =>
      ['a', 'b', 'c', 'd', 'e'].map((host) => exchange(`https://${host}.example.org/${body}`, body)),
    );
    await record('one', { layers: bodies, exchanges });

    const [, assisted] = await detect();

    expect(assisted).toMatchObject({ route: { explanation: expect.stringContaining('(500 blobs, 4.9 KiB)') } });
    const route = assisted !== undefined && 'route' in assisted ? assisted.route : null;
    expect(route?.holders).toHaveLength(50);
    expect(route?.fixity?.damaged).toHaveLength(50);
  });

  it('knows no address once the list of exchanges is lost', async () => {
    await record('one', {
      layers: ['other body'],
      exchanges: [exchange('https://lost.example.org/body', 'other body')],
    });
    const { document } = await prisma.closure.findFirstOrThrow({ where: { versionId: version.id } });
    const { exchanges } = document as unknown as ClosureDocument;
    await prisma.blob.update({ where: { digest: exchanges.digest }, data: { state: 'suspect' } });

    const [, assisted] = await detect();

    expect(assisted).toMatchObject({ attempt: { reason: expect.stringMatching(/^2 of the missing blobs/) } });
  });
});

describe('resolution/sources/mirror-source', () => {
  const detect = async () => await new MirrorSource(prisma, new UpstreamPointers(prisma)).detect(version);

  async function mirror(reference: string, recordedAt: Date): Promise<void> {
    await prisma.mirror.create({
      data: { repositoryId: version.record.repository.id, digest: IMAGE, reference, recordedAt, recordedBy: 'ada' },
    });
  }

  it('knows none where the image came from nowhere else', async () => {
    expect(await detect()).toMatchObject([{ attempt: { source: 'mirror', outcome: 'no-mirror' } }]);
  });

  it('takes the one that was seen last, and tells of the others', async () => {
    await mirror('old.example.org/eeg', AT);
    await mirror('new.example.org/eeg', new Date('2026-02-02T00:00:00Z'));
    await mirror('gone.example.org/eeg', new Date('2026-04-01T00:00:00Z'));
    await point(`old.example.org/eeg@${IMAGE}`, 'ok', 'image');
    await point(`gone.example.org/eeg@${IMAGE}`, 'dead', 'image');

    const [answer] = await detect();

    expect(answer).toMatchObject({ route: { grade: 'identical', provenAt: '2026-03-01T00:00:00.000Z' } });
    const holders = answer !== undefined && 'route' in answer ? answer.route.holders : [];
    expect(holders.map(({ reference, state }) => [reference.split('/')[0], state])).toEqual([
      ['gone.example.org', 'dead'],
      ['new.example.org', 'unchecked'],
      ['old.example.org', 'ok'],
    ]);
    expect(answer).toMatchObject({
      route: { commands: [{ client: 'docker', text: `docker pull old.example.org/eeg@${IMAGE}` }, {}, {}, {}, {}] },
    });
  });

  it('calls unproven what nobody has looked at yet', async () => {
    await point(`watched.example.org/eeg@${IMAGE}`, 'unchecked', 'image');

    expect(await detect()).toMatchObject([{ route: { grade: 'unproven', provenAt: null } }]);
  });

  it('says why none is left', async () => {
    await mirror('a.example.org/eeg', AT);
    await point(`a.example.org/eeg@${IMAGE}`, 'changed', 'image');

    expect(await detect()).toEqual([
      {
        attempt: {
          source: 'mirror',
          outcome: 'mirror-gone',
          reason: 'a.example.org/eeg gave other bytes on 2026-03-01',
        },
      },
    ]);
  });
});

describe('resolution/sources/re-resolve-source', () => {
  const detect = async () => await new ReResolveSource(prisma, closure).detect(version);

  async function file(filePath: string, format: string): Promise<void> {
    await blob(filePath);
    await prisma.packageFile.create({
      data: {
        versionId: version.id,
        path: filePath,
        digest: digest(filePath),
        size: 10n,
        format,
      },
    });
  }

  it('installs what pins most first, and lets no path of a deposit into a shell', async () => {
    await file("a'; rm -rf ~ #/requirements.txt", 'pip-requirements');
    await file('web/package-lock.json', 'package-lock');

    const [answer] = await detect();

    expect(answer).toMatchObject({ route: { kind: 're-resolve', grade: 'partial', isApproximate: true } });
    const commands = answer !== undefined && 'route' in answer ? answer.route.commands : [];
    const directory = `lab-eeg-${repositories}-v1`;
    expect(commands.map(({ text }) => text)).toEqual([
      `envarium files lab/eeg-${repositories}@v1 --output ${directory}`,
      `npm ci --prefix ${directory}/web`,
      String.raw`pip install -r '${directory}/a'\''; rm -rf ~ #/requirements.txt'`,
    ]);
  });

  it('has nothing to say of files that nothing can be installed from', async () => {
    await file('cpuinfo', 'cpuinfo');

    expect(await detect()).toMatchObject([{ attempt: { source: 're-resolve', outcome: 'no-recipe' } }]);
  });
});

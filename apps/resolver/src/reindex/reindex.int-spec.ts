import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AuthenticationService, AccountsService, type Principal } from '@envarium/access';
import { LinksService } from '@envarium/articles';
import { parseConfig } from '@envarium/config';
import { PrismaService } from '@envarium/database';
import { buildImage, buildLayer, type Digest, parseRepositoryName, type RepositoryName } from '@envarium/oci';
import { ReceiptsArchiveService, SigningKeysService } from '@envarium/provenance';
import { DepositService, PublishService, RecordsService } from '@envarium/records';
import { ManifestsService, recordMirror, RepositoriesService, UploadsService } from '@envarium/registry';
import { JournalService } from '@envarium/journal';
import { ImageReadingService } from '@envarium/rebuild';
import type { CreateLink } from '@envarium/schema';
import {
  archiveSampleProvenance,
  createTestDatabase,
  sampleRerun,
  subjectOf,
  type TestDatabase,
} from '@envarium/testing';
import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createContext } from '../create-context.js';
import { archivalRows } from './archival-rows.js';
import { reindex } from './reindex.js';

const TOKEN = 'token-of-the-operator';
const CPUINFO =
  'processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\nmodel name\t: Intel(R) Xeon(R)\nflags\t\t: fpu sse2\n';

let databases: TestDatabase[];
let directory: string;
let original: INestApplicationContext;

async function open(database: TestDatabase): Promise<INestApplicationContext> {
  const config = parseConfig({ DATABASE_URL: database.url, ENVARIUM_DATA_DIR: directory });
  return (await createContext(config)).context;
}

async function pushImage(
  context: INestApplicationContext,
  principal: Principal,
  name: RepositoryName,
): Promise<Digest> {
  const repositories = context.get(RepositoriesService, { strict: false });
  const uploads = context.get(UploadsService, { strict: false });
  const repository = await repositories.requireWritable(principal, name);
  const status = Buffer.from('Package: curl\nStatus: install ok installed\nVersion: 7.88.1-10\n');
  const layer = await buildLayer([
    { path: 'fig3.py', size: 9, body: Buffer.from('print(3)\n') },
    { path: 'var/lib/dpkg/status', size: status.length, body: status },
  ]);
  const image = buildImage({ layers: [layer], config: { architecture: 'amd64', os: 'linux' } });
  for (const blob of image.blobs) {
    const { id } = await uploads.start(principal, repository);
    await uploads.append(repository, id, null, blob.content());
    await uploads.commit(repository, id, blob.descriptor.digest);
  }
  const manifest = { bytes: image.manifest.bytes, contentType: image.manifest.mediaType, reference: 'latest' };
  const { digest } = await context.get(ManifestsService, { strict: false }).put(principal, repository, manifest);
  return digest;
}

/** Two records, one private; versions published and in work; links; a tag that moved. */
async function fill(context: INestApplicationContext): Promise<void> {
  await context.get(AccountsService, { strict: false }).bootstrapAdmin(TOKEN);
  const admin = await context.get(AuthenticationService, { strict: false }).principalOf(`Bearer ${TOKEN}`);
  const deposits = context.get(DepositService, { strict: false });
  const publish = context.get(PublishService, { strict: false });
  const links = context.get(LinksService, { strict: false });
  const image = await pushImage(context, admin, parseRepositoryName('lab/eeg'));
  const repository = await context.get(RepositoriesService, { strict: false }).requireReadable(admin, 'lab/eeg');
  const mirror = { repository, digest: image, reference: 'registry.example.org/lab/eeg', actor: 'admin' };
  for (let i = 0; i < 2; i++) {
    await context
      .get(JournalService, { strict: false })
      .transaction(async (tx, record) => await recordMirror(tx, record, mirror));
  }
  const files = [
    { path: 'requirements.txt', text: 'numpy==1.26.4\nscipy>=1.0\n' },
    { path: 'hardware/cpuinfo', text: CPUINFO },
    { path: 'notes.bin', base64: 'AAEC' },
  ];
  await deposits.deposit(admin, { repository: 'lab/eeg', image, files, title: 'EEG' });
  await publish.publish(admin, 'lab/eeg@v1', { acceptSecrets: false });
  await context.get(ImageReadingService, { strict: false }).drain();
  await deposits.deposit(admin, {
    repository: 'lab/eeg',
    files: [{ path: 'requirements.txt', text: 'numpy==1.26.5\n' }],
  });
  await deposits.deposit(admin, { repository: 'lab/private', visibility: 'private', files: files.slice(0, 1) });
  await publish.publish(admin, 'lab/private@v1', { acceptSecrets: false });
  const file = { name: 'fig3.svg', digest: `sha256:${'a'.repeat(64)}`, size: 10 };
  const input = { name: 'data.csv', digest: `sha256:${'b'.repeat(64)}`, size: 20 };
  const link = {
    article: '10.5555/12345678',
    output: 'Figure 3',
    role: 'author',
    inputs: [input],
    files: [file],
  } satisfies CreateLink;
  const made = await links.create(admin, 'lab/eeg@v1', { ...link, command: 'python fig3.py' });
  await prove(context, admin, made.link.run.id);
  await links.create(admin, 'lab/private@v1', { ...link, output: 'Table S1' });
}

/** What a rehearsal and a re-run leave, signed by two keys. */
async function prove(context: INestApplicationContext, admin: Principal, runId: string): Promise<void> {
  const row = await context.get(RecordsService, { strict: false }).requireVersion(admin, 'lab/eeg@v1');
  const version = { ...row, recordDigest: row.recordDigest ?? '' };
  await archiveSampleProvenance(context, version);
  await context.get(SigningKeysService, { strict: false }).rotate(admin);
  await context.get(ReceiptsArchiveService, { strict: false }).archiveReceipt({
    kind: 'rerun',
    version,
    predicate: sampleRerun(version, runId),
    subject: await subjectOf(context, version),
    log: null,
    isProof: true,
    summary: 'Within the tolerance.',
    actor: 'admin',
  });
}

describe('resolver/reindex', () => {
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'envarium-reindex-'));
    databases = [await createTestDatabase(), await createTestDatabase()];
    original = await open(databases[0]!);
    await fill(original);
  });

  afterAll(async () => {
    await original.close();
    for (const database of databases) await database.drop();
    await rm(directory, { recursive: true, force: true });
  });

  it('rebuilds every archival row from the object store alone', async () => {
    const rebuilt = await open(databases[1]!);

    await reindex(rebuilt);

    const expected = await archivalRows(original.get(PrismaService, { strict: false }));
    expect(await archivalRows(rebuilt.get(PrismaService, { strict: false }))).toEqual(expected);
    for (const [table, rows] of Object.entries(expected)) expect(rows.length, table).toBeGreaterThan(0);
    expect(expected['environment_package']?.filter((row) => row.includes('"curl"'))).toHaveLength(1);
    await rebuilt.close();
  });

  it('goes on with new events after the old ones', async () => {
    const rebuilt = await open(databases[1]!);
    await rebuilt.get(AccountsService, { strict: false }).bootstrapAdmin(TOKEN);
    const admin = await rebuilt.get(AuthenticationService, { strict: false }).principalOf(`Bearer ${TOKEN}`);

    await rebuilt.get(PublishService, { strict: false }).publish(admin, 'lab/eeg@v2', { acceptSecrets: false });

    const prisma = rebuilt.get(PrismaService, { strict: false });
    const kinds = await prisma.event.findMany({ orderBy: { seq: 'desc' }, take: 2, select: { kind: true } });
    expect(kinds.map((event) => event.kind)).toEqual(['hold-placed', 'published']);
    await rebuilt.close();
  });

  it('brings no private key back: the next receipt is signed by a new one', async () => {
    const rebuilt = await open(databases[1]!);
    const keys = rebuilt.get(SigningKeysService, { strict: false });
    const before = await keys.list();

    const { keyId } = await keys.current();

    const after = await keys.list();
    expect(before.map((key) => key.keyId)).not.toContain(keyId);
    expect(after.map((key) => key.keyId)).toEqual([keyId, ...before.map((key) => key.keyId)]);
    expect(after.filter((key) => key.retiredAt === null).map((key) => key.keyId)).toEqual([keyId]);
    await rebuilt.close();
  });

  it('refuses a database that is not empty', async () => {
    await expect(reindex(original)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import 'reflect-metadata';
import { AccessModule, ANONYMOUS, type Principal } from '@envarium/access';
import { readPublicKey, verifyReceipt } from '@envarium/attestation';
import { DatabaseModule, PrismaService } from '@envarium/database';
import { JournalModule } from '@envarium/journal';
import { type Descriptor, digestOf } from '@envarium/oci';
import { DepositService, PublishService, RecordsService } from '@envarium/records';
import { CollectorService, ReferrersService, RepositoriesService } from '@envarium/registry';
import { openStore, StorageModule } from '@envarium/storage';
import {
  archiveSampleClosure,
  archiveSampleProvenance,
  archiveSampleRecipe,
  createTestDatabase,
  type SampleProvenance,
  sampleRebuild,
  type SampleVersion,
  subjectOf,
  type TestDatabase,
} from '@envarium/testing';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ContentStoreService } from './content-store.service.js';
import { ProvenanceArchiveService } from './provenance-archive.service.js';
import { ProvenanceBatchesService } from './provenance-batches.service.js';
import { ProvenanceModule } from './provenance.module.js';
import { ProvenanceService } from './provenance.service.js';
import { ReceiptsArchiveService } from './receipts-archive.service.js';
import { SigningKeysService } from './signing-keys.service.js';

const DAY_MS = 24 * 60 * 60 * 1000;

let database: TestDatabase;
let directory: string;
let contexts: INestApplicationContext[];
let context: INestApplicationContext;
let prisma: PrismaService;
let admin: Principal;
let version: SampleVersion;
let subject: Descriptor;
let sample: SampleProvenance;

async function open(): Promise<INestApplicationContext> {
  const module = {
    module: class Features {},
    imports: [
      DatabaseModule.forRoot({ url: database.url, poolSize: 6 }),
      StorageModule.forRoot(await openStore({ kind: 'filesystem', directory })),
      JournalModule,
      AccessModule.forRoot({ signingSecret: 'of this installation' }),
      ProvenanceModule,
    ],
  };
  const opened = await NestFactory.createApplicationContext(module, { logger: ['error'] });
  contexts.push(opened);
  return opened;
}

const from = <T>(token: abstract new (...parameters: never[]) => T, of = context): T =>
  of.get(token, { strict: false });
const wait = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: unknown) => error,
  );

const unlogged = () => ({ ...sample.rebuildPredicate, logDigest: null });

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function text(content: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('provenance', () => {
  beforeAll(async () => {
    database = await createTestDatabase();
    directory = await mkdtemp(path.join(tmpdir(), 'envarium-provenance-'));
    contexts = [];
    context = await open();
    prisma = from(PrismaService);
    const account = await prisma.account.create({ data: { name: 'ada', isAdmin: true } });
    admin = { kind: 'account', accountId: account.id, name: 'ada', isAdmin: true };
    version = await publish('lab/eeg', 'public');
    subject = await subjectOf(context, version);
    sample = await archiveSampleProvenance(context, version);
  });

  afterAll(async () => {
    for (const opened of contexts) await opened.close();
    await database.drop();
    await rm(directory, { recursive: true, force: true });
  });

  async function publish(repository: string, visibility: 'public' | 'private'): Promise<SampleVersion> {
    const files = [{ path: 'requirements.txt', text: `numpy==1.26.4\n# ${repository}\n` }];
    await from(DepositService).deposit(admin, { repository, visibility, files });
    await from(PublishService).publish(admin, `${repository}@v1`, { acceptSecrets: false });
    const row = await from(RecordsService).requireVersion(admin, `${repository}@v1`);
    return { ...row, recordDigest: row.recordDigest ?? '' };
  }

  describe('archive', () => {
    it('gives the same row for the same document', async () => {
      const again = await archiveSampleRecipe(context, version);
      const closure = await archiveSampleClosure(context, version, again.artifactDigest);

      expect([again, closure]).toEqual([sample.recipe, sample.closure]);
      expect([await prisma.recipe.count(), await prisma.closure.count()]).toEqual([1, 1]);
      expect(await prisma.event.count({ where: { kind: { in: ['recipe-archived', 'closure-recorded'] } } })).toBe(2);
    });

    it('gives one row to two who archive the same at the same moment', async () => {
      const other = await publish('lab/race', 'public');

      const made = await Promise.all([1, 2, 3, 4].map(() => archiveSampleProvenance(context, other)));

      expect(new Set(made.map(({ rebuild }) => rebuild.id)).size).toBe(1);
      const rows = { versionId: other.id };
      expect(await prisma.recipe.count({ where: rows })).toBe(1);
      expect(await prisma.closure.count({ where: rows })).toBe(1);
      expect(await prisma.receipt.count({ where: rows })).toBe(1);
    });

    it('names every body once, and nothing that is named can be collected', async () => {
      const later = new Date(Date.now() + 30 * DAY_MS);

      const { quarantined } = await from(CollectorService).review(1000, later);

      const named = await prisma.manifestReference.findMany({
        where: { manifest: { digest: sample.closure.artifactDigest }, kind: 'layer' },
        select: { digest: true },
      });
      expect(named.length).toBe(5);
      expect(named.filter(({ digest }) => quarantined.includes(digest))).toEqual([]);
    });

    it('shows all of it as referrers of what it is about', async () => {
      const repository = await from(RepositoriesService).requireReadable(ANONYMOUS, 'lab/eeg');

      const filter = { artifactType: null, after: null };
      const { descriptors } = await from(ReferrersService).list(repository.id, subject.digest, filter);

      expect(descriptors.length).toBe(4);
      expect(new Set(descriptors.map(({ artifactType }) => artifactType))).toEqual(
        new Set([
          'application/vnd.envarium.closure.v1+json',
          'application/vnd.envarium.files.v1+json',
          'application/vnd.envarium.receipt.v1+json',
          'application/vnd.envarium.recipe.v1+json',
        ]),
      );
    });

    it('refuses a closure of which a body is not here', async () => {
      const lost = { digest: digestOf(Buffer.from('never stored')), size: 12 };
      const closure = { version, document: { ...sample.closure.document, epoch: 1 }, bodies: [lost] };

      const refused = await wait(from(ProvenanceArchiveService).archiveClosure(closure));

      expect(refused).toMatchObject({ code: 'BLOB_UNKNOWN', detail: { digest: lost.digest } });
      expect(await prisma.closure.count({ where: { versionId: version.id } })).toBe(1);
      expect(await prisma.blob.count({ where: { digest: lost.digest } })).toBe(0);
    });

    it('refuses a body under another size than it has', async () => {
      const body = await from(ContentStoreService).storeContent(once('twelve bytes'));
      const closure = {
        version,
        document: { ...sample.closure.document, epoch: 2 },
        bodies: [{ ...body, size: body.size + 1 }],
      };

      const refused = await wait(from(ProvenanceArchiveService).archiveClosure(closure));

      expect(refused).toMatchObject({ code: 'BLOB_UNKNOWN', detail: { expected: 13, actual: 12 } });
    });

    it('refuses a closure of more bodies than an image manifest can name', async () => {
      const bodies = Array.from({ length: 15_001 }, (_, i) => ({ digest: digestOf(Buffer.from(`${i}`)), size: 1 }));
      const closure = { version, document: sample.closure.document, bodies };

      const refused = await wait(from(ProvenanceArchiveService).archiveClosure(closure));

      expect(refused).toMatchObject({ code: 'CLOSURE_TOO_LARGE', detail: { bodies: 15_001, limit: 15_000 } });
    });

    it('takes a closure of as many bodies as the limit says', { timeout: 120_000 }, async () => {
      const bodies = Array.from({ length: 15_000 }, (_, i) => ({
        digest: digestOf(Buffer.from(`${i}`)),
        size: 1_000_000_000 + i,
      }));
      await prisma.blob.createMany({ data: bodies.map(({ digest, size }) => ({ digest, size: BigInt(size) })) });
      const closure = { version, document: { ...sample.closure.document, epoch: 3 }, bodies };

      const { artifactDigest } = await from(ProvenanceArchiveService).archiveClosure(closure);

      const where = { manifest: { digest: artifactDigest }, kind: 'layer' } as const;
      expect(await prisma.manifestReference.count({ where })).toBe(15_002);
    });

    it('refuses a closure of a recipe that is not archived', async () => {
      const closure = {
        version,
        document: { ...sample.closure.document, recipeDigest: digestOf(Buffer.from('another recipe')) },
        bodies: [],
      };

      expect(await wait(from(ProvenanceArchiveService).archiveClosure(closure))).toMatchObject({
        code: 'RECIPE_UNKNOWN',
      });
    });

    it('refuses documents that name other content than what is given', async () => {
      const other = await from(ContentStoreService).storeContent(once('another context'));
      const { document } = sample.recipe;
      const recipe = { version, document, dockerfile: Buffer.from('FROM scratch\n'), context: other };
      const receipt = { kind: 'rebuild', version, subject, isProof: true, summary: '', actor: 'ada' } as const;

      const refusals = [
        await wait(from(ProvenanceArchiveService).archiveRecipe(recipe)),
        await wait(from(ReceiptsArchiveService).archiveReceipt({ ...receipt, predicate: unlogged(), log: other })),
      ];

      expect(refusals).toMatchObject([
        { code: 'DIGEST_INVALID', detail: { field: 'dockerfile' } },
        { code: 'DIGEST_INVALID', detail: { field: 'logDigest' } },
      ]);
    });

    it.each(['recipe', 'closure', 'file_list', 'receipt'])('never changes a row of %s', async (table) => {
      const change = prisma.$executeRawUnsafe(`UPDATE ${table} SET document = '{}'`.replace('document', column(table)));
      const removal = prisma.$executeRawUnsafe(`DELETE FROM ${table}`);

      expect(await wait(change)).toMatchObject({ message: expect.stringContaining('append') });
      expect(await wait(removal)).toMatchObject({ message: expect.stringContaining('append') });
    });

    const column = (table: string): string => (table === 'receipt' ? 'statement' : 'document');
  });

  describe('content', () => {
    it('comes back as it went in', async () => {
      const { digest, size } = await from(ContentStoreService).storeContent(once('a body'));

      const opened = await from(ContentStoreService).openContent(digest);

      expect([size, opened.size, await text(opened.content)]).toEqual([6, 6, 'a body']);
    });

    it('is refused above the limit', async () => {
      expect(await wait(from(ContentStoreService).storeContent(once('a body'), { maxSize: 5 }))).toMatchObject({
        code: 'BODY_TOO_LARGE',
      });
    });

    it('has a row from the start, so that it can be collected if nothing ever names it', async () => {
      const { digest } = await from(ContentStoreService).storeContent(once('nobody names this'));

      const { reviewAfter } = await prisma.blob.findUniqueOrThrow({ where: { digest } });

      expect(reviewAfter?.getTime()).toBeGreaterThan(Date.now() + 6 * DAY_MS);
    });

    it('that was quarantined meanwhile is sound again once it is named', async () => {
      const body = await from(ContentStoreService).storeContent(once('late to be named'));
      await prisma.blob.update({
        where: { digest: body.digest },
        data: { state: 'quarantined', quarantinedAt: new Date() },
      });
      const closure = { version, document: { ...sample.closure.document, epoch: 4 }, bodies: [body] };

      await from(ProvenanceArchiveService).archiveClosure(closure);

      expect(await prisma.blob.findUnique({ where: { digest: body.digest } })).toMatchObject({ state: 'ok' });
    });
  });

  describe('receipts', () => {
    it('hold with the public key alone, and say what was signed', async () => {
      const { bytes } = await from(ProvenanceService).envelope(ANONYMOUS, sample.rebuild.id);
      const keys = (await from(SigningKeysService).list()).map(({ pem }) => readPublicKey(pem));

      const { kind, predicate, keyId } = verifyReceipt(bytes, keys, subject.digest);

      expect({ kind, predicate, keyId }).toEqual({
        kind: 'rebuild',
        predicate: sample.rebuildPredicate,
        keyId: sample.rebuild.keyId,
      });
    });

    it('are the proof of their closure, as long as there is no newer one', async () => {
      const { artifactDigest } = sample.closure;

      expect(await from(ProvenanceService).latestProof(version.id, artifactDigest)).toEqual(sample.rebuild);
      expect(await from(ProvenanceService).latestProof(version.id, digestOf(Buffer.from('other')))).toBeNull();
    });

    it('can be told from one another: another statement is another receipt', async () => {
      const predicate = { ...unlogged(), rehearsal: { attempt: 2, of: 2, previous: null } };
      const receipt = { kind: 'rebuild', version, predicate, subject, log: null } as const;

      const made = await from(ReceiptsArchiveService).archiveReceipt({
        ...receipt,
        isProof: false,
        summary: 'Second.',
        actor: 'ada',
      });

      const page = await from(ProvenanceService).receipts(ANONYMOUS, 'lab/eeg@v1', 10, null);
      expect(page.items.map(({ id }) => id)).toEqual([made.id, sample.rebuild.id]);
    });

    it('are no proof when what is signed says otherwise', async () => {
      const base = { kind: 'rebuild', version, subject, log: null, isProof: true, actor: 'ada' } as const;
      const { isolation, replay } = sample.rebuildPredicate;
      const contradictions: Partial<typeof sample.rebuildPredicate>[] = [
        { isolation: { ...isolation, network: 'record' } },
        { isolation: { ...isolation, canary: 'reached' } },
        { replay: { ...replay, misses: ['https://files.example.org/gone'] } },
      ];

      const made = [];
      for (const [i, contradiction] of contradictions.entries()) {
        const predicate = { ...unlogged(), ...contradiction };
        made.push(await from(ReceiptsArchiveService).archiveReceipt({ ...base, predicate, summary: `${i}` }));
      }

      expect(made.map(({ isProof }) => isProof)).toEqual([false, false, false]);
    });

    it('survive what strangers call their files', async () => {
      const hostile = sampleRebuild(version, sample.recipe.artifactDigest, sample.closure.artifactDigest);
      const differences = [{ name: 'added', count: 1, paths: ['opt/\0/\ud800'], isMaterial: true }];
      const predicate = { ...hostile, logDigest: null, comparison: { ...hostile.comparison, differences } };

      const { id } = await from(ReceiptsArchiveService).archiveReceipt({
        kind: 'rebuild',
        version,
        predicate,
        subject,
        log: null,
        isProof: false,
        summary: 'nul \0',
        actor: 'ada',
      });

      expect(await from(ProvenanceService).receipt(ANONYMOUS, id)).toMatchObject({ summary: 'nul \uFFFD' });
    });

    it('are seen only by those who may see the version', async () => {
      const hidden = await archiveSampleProvenance(context, await publish('lab/private', 'private'));
      const provenance = from(ProvenanceService);

      const refused = { code: 'RECEIPT_UNKNOWN' };
      await expect(provenance.receipt(ANONYMOUS, hidden.rebuild.id)).rejects.toMatchObject(refused);
      await expect(provenance.envelope(ANONYMOUS, hidden.rebuild.id)).rejects.toMatchObject(refused);
      await expect(provenance.receipts(ANONYMOUS, 'lab/private@v1', 10, null)).rejects.toMatchObject({
        code: 'VERSION_UNKNOWN',
      });
      expect(await provenance.receipt(admin, hidden.rebuild.id)).toEqual({
        ...hidden.rebuild,
        rebuild: hidden.rebuildPredicate,
        rerun: null,
      });
      const keys = [
        { recordId: hidden.rebuild.recordId, number: 1 },
        { recordId: version.record.publicId, number: 1 },
      ];
      const seen = await from(ProvenanceBatchesService).receipts(ANONYMOUS, keys, 1, null);
      expect([...seen.keys()]).toEqual([`${version.record.publicId}@v1`]);
    });

    it('come in pages', async () => {
      const first = await from(ProvenanceService).receipts(ANONYMOUS, 'lab/eeg@v1', 5, null);
      const second = await from(ProvenanceService).receipts(ANONYMOUS, 'lab/eeg@v1', 5, first.next);

      expect([first.items.length, second.items.length, second.next]).toEqual([5, 1, null]);
      expect(second.items[0]?.id).toBe(sample.rebuild.id);
    });
  });

  describe('closure packages', () => {
    it('come in pages', async () => {
      const first = await from(ProvenanceService).closurePackages(ANONYMOUS, 'lab/eeg@v1', 2, null);
      const second = await from(ProvenanceService).closurePackages(ANONYMOUS, 'lab/eeg@v1', 2, first.next);

      expect([first, second].map(({ items }) => items.map(({ purl }) => purl))).toEqual([
        ['pkg:pypi/numpy@1.0', 'pkg:pypi/scipy@1.0'],
        ['pkg:pypi/pandas@1.0'],
      ]);
      expect(second.next).toBeNull();
    });
  });

  describe('signing keys', () => {
    it('are one for all processes that need the first at the same moment', async () => {
      await prisma.signingKey.updateMany({ data: { retiredAt: new Date(), privateKey: null } });
      const before = await prisma.signingKey.count();
      const others = [from(SigningKeysService), from(SigningKeysService, await open())];

      const keys = await Promise.all([0, 1, 0, 1, 0, 1].map((i) => others[i]!.current()));

      expect(new Set(keys.map(({ keyId }) => keyId)).size).toBe(1);
      expect(await prisma.signingKey.count()).toBe(before + 1);
    });

    it('rotate: the old private half is gone, the old public half stays, the new one signs', async () => {
      const keys = from(SigningKeysService);
      const old = await keys.current();

      const made = await keys.rotate(admin);

      expect((await keys.current()).keyId).toBe(made.keyId);
      expect(await prisma.signingKey.findUnique({ where: { keyId: old.keyId } })).toMatchObject({
        privateKey: null,
        publicKey: expect.stringContaining('BEGIN PUBLIC KEY'),
        retiredAt: expect.any(Date),
      });
      const listed = await keys.list();
      expect(listed.filter(({ retiredAt }) => retiredAt === null).map(({ keyId }) => keyId)).toEqual([made.keyId]);
    });

    it('leave exactly one, however many rotate and sign at once', async () => {
      const keys = from(SigningKeysService);
      const sign = async (attempt: number) =>
        await from(ReceiptsArchiveService).archiveReceipt({
          kind: 'rebuild',
          version,
          predicate: { ...unlogged(), rehearsal: { attempt, of: 9, previous: null } },
          subject,
          log: null,
          isProof: false,
          summary: 'In between.',
          actor: 'ada',
        });

      const [, first, second] = await Promise.all([keys.rotate(admin), sign(5), sign(6), keys.rotate(admin)]);

      expect(await prisma.signingKey.count({ where: { retiredAt: null } })).toBe(1);
      const all = (await keys.list()).map(({ pem }) => readPublicKey(pem));
      for (const { id, keyId } of [first, second]) {
        const { bytes } = await from(ProvenanceService).envelope(ANONYMOUS, id);
        expect(verifyReceipt(bytes, all).keyId).toBe(keyId);
      }
    });

    it('are rotated by administrators alone', async () => {
      const member: Principal = { kind: 'account', accountId: 7n, name: 'eve', isAdmin: false };

      await expect(from(SigningKeysService).rotate(member)).rejects.toMatchObject({ code: 'DENIED' });
      await expect(from(SigningKeysService).rotate(ANONYMOUS)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    });

    it('are sealed: the database alone gives no private half away', async () => {
      const { keyId, privateKey } = await from(SigningKeysService).current();

      const row = await prisma.signingKey.findUniqueOrThrow({ where: { keyId } });

      const secret = privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(-32);
      expect(Buffer.from(row.privateKey ?? []).includes(secret)).toBe(false);
      expect(Buffer.from(row.privateKey ?? []).toString()).not.toContain('PRIVATE KEY');
      expect(secret.length).toBe(32);
    });

    it('say so when the secret of the installation has changed, and can then be made anew', async () => {
      await prisma.signingKey.updateMany({ where: { retiredAt: null }, data: { privateKey: Buffer.alloc(64, 1) } });
      const keys = from(SigningKeysService);

      expect(await wait(keys.current())).toMatchObject({ code: 'SEAL_BROKEN', detail: { reason: 'signing-key' } });

      const made = await keys.rotate(admin);
      expect((await keys.current()).keyId).toBe(made.keyId);
    });

    it('are never deleted', async () => {
      const removal = prisma.$executeRaw`DELETE FROM signing_key`;

      expect(await wait(removal)).toMatchObject({ message: expect.stringContaining('append') });
    });
  });
});

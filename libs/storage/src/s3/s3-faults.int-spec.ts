import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../store.js';
import { MIB, buildContent, expectFailure, flipByte, summarize, type Content } from '../store.suite.js';
import { blobKey } from '../layout.js';
import { FaultyS3, type Fault, type FaultRule, type S3CallName } from './faulty-s3.suite.js';
import { S3Bucket, type S3Limits } from './s3-bucket.js';
import { findS3Servers, overwrite, startS3Server, type S3Server } from './s3-server.suite.js';
import { openS3Store } from './s3-store.js';

const DAY = 24 * 60 * 60_000;
const SMALL = buildContent(1000, 71);
const LARGE = buildContent(17 * MIB, 72);
const ENTRY = { id: '01KATESTZZZZZZZZZZZZZZZZZZ', body: Buffer.from('{"a":1}') };
/** As in production, but nobody waits. */
const QUICK: Partial<S3Limits> = { pauseMs: 1 };

/** One thing that a store does. What it leaves must be right whatever failed. */
interface Operation {
  /** Brings the store to where `run` can begin. */
  readonly before?: (store: Store) => Promise<unknown>;
  readonly run: (store: Store) => Promise<unknown>;
  /** The blob that is there when `run` was successful. */
  readonly makes?: Content;
}

const upload = async (store: Store, content: Content, end = content.size): Promise<void> => {
  await store.staging.create('id');
  await store.staging.append('id', 0, content.chunks(0, end));
};
const put = async (store: Store, content: Content): Promise<unknown> =>
  await store.blobs.put(content.chunks(), { digest: content.digest });
const drain = async (items: AsyncIterable<unknown>): Promise<void> => {
  for await (const _ of items);
};

const OPERATIONS = {
  'put a small blob': { run: (store) => put(store, SMALL), makes: SMALL },
  'put a large blob': { run: (store) => put(store, LARGE), makes: LARGE },
  'put a large blob of unknown digest': { run: (store) => store.blobs.put(LARGE.chunks(), {}), makes: LARGE },
  'begin an upload': { run: (store) => store.staging.create('id') },
  'append a little': {
    before: (store) => upload(store, SMALL, 10),
    run: async (store) => await store.staging.append('id', await store.staging.size('id'), SMALL.chunks(10)),
  },
  'append a lot': {
    before: (store) => store.staging.create('id'),
    run: async (store) => await store.staging.append('id', await store.staging.size('id'), LARGE.chunks()),
  },
  'commit a small upload': {
    before: (store) => upload(store, SMALL),
    run: (store) => store.staging.commit('id', { digest: SMALL.digest }),
    makes: SMALL,
  },
  'commit a large upload': {
    before: (store) => upload(store, LARGE),
    run: (store) => store.staging.commit('id', { digest: LARGE.digest }),
    makes: LARGE,
  },
  'open a blob': {
    before: (store) => put(store, SMALL),
    run: async (store) => await drain(await store.blobs.open(SMALL.digest)),
    makes: SMALL,
  },
  'verify a blob': {
    before: (store) => put(store, SMALL),
    run: (store) => store.blobs.verify(SMALL.digest),
    makes: SMALL,
  },
  'list blobs': { before: (store) => put(store, SMALL), run: (store) => drain(store.blobs.list()), makes: SMALL },
  'remove a blob': { before: (store) => put(store, SMALL), run: (store) => store.removal.remove(SMALL.digest) },
  'discard an upload': { before: (store) => upload(store, LARGE), run: (store) => store.staging.discard('id') },
  'expire uploads': {
    before: (store) => upload(store, LARGE),
    run: (store) => store.staging.expire(new Date(Date.now() + DAY)),
  },
  'append to the journal': { run: (store) => store.journal.append(ENTRY) },
  'read the journal': {
    before: (store) => store.journal.append(ENTRY),
    run: (store) => drain(store.journal.entries()),
  },
  probe: { run: (store) => store.probe() },
} satisfies Record<string, Operation>;
type OperationName = keyof typeof OPERATIONS;

/** Every call of S3 that an operation needs, with the keys that are meant. */
const NEEDS: readonly (readonly [OperationName, S3CallName, RegExp])[] = [
  ['put a small blob', 'HeadObject', /^blobs/],
  ['put a small blob', 'PutObject', /^blobs/],
  ['put a large blob', 'CreateMultipartUpload', /^blobs/],
  ['put a large blob', 'UploadPart', /^blobs/],
  ['put a large blob', 'HeadObject', /^blobs/],
  ['put a large blob', 'CompleteMultipartUpload', /^blobs/],
  ['put a large blob of unknown digest', 'UploadPart', /^staging/],
  ['put a large blob of unknown digest', 'CompleteMultipartUpload', /^staging/],
  ['put a large blob of unknown digest', 'CopyObject', /^blobs/],
  ['begin an upload', 'PutObject', /json$/],
  ['append a little', 'GetObject', /json$/],
  ['append a little', 'GetObject', /tail/],
  ['append a little', 'PutObject', /tail/],
  ['append a little', 'PutObject', /json$/],
  ['append a lot', 'CreateMultipartUpload', /^staging/],
  ['append a lot', 'UploadPart', /^staging/],
  ['append a lot', 'PutObject', /tail/],
  ['append a lot', 'PutObject', /json$/],
  ['commit a small upload', 'GetObject', /tail/],
  ['commit a small upload', 'PutObject', /^blobs/],
  ['commit a large upload', 'HeadObject', /^blobs/],
  ['commit a large upload', 'UploadPart', /^staging/],
  ['commit a large upload', 'CompleteMultipartUpload', /^staging/],
  ['commit a large upload', 'CopyObject', /^blobs/],
  ['open a blob', 'HeadObject', /^blobs/],
  ['open a blob', 'GetObject', /^blobs/],
  ['verify a blob', 'GetObject', /^blobs/],
  ['list blobs', 'ListObjectsV2', /^$/],
  ['remove a blob', 'DeleteObject', /^blobs/],
  ['discard an upload', 'AbortMultipartUpload', /^staging/],
  ['discard an upload', 'DeleteObject', /json$/],
  ['expire uploads', 'ListObjectsV2', /^$/],
  ['expire uploads', 'DeleteObject', /tail/],
  ['append to the journal', 'GetObject', /^journal/],
  ['append to the journal', 'PutObject', /^journal/],
  ['read the journal', 'GetObject', /^journal/],
  ['probe', 'PutObject', /put$/],
];

const binaries = findS3Servers();
if (binaries.length === 0) it('storage/s3 faults: see s3-store.int-spec', () => expect(binaries).toEqual([]));

describe.each(binaries)('storage/s3 with faults on %s', (binary) => {
  let server: S3Server;
  let proxy: FaultyS3;
  let bucket: S3Bucket;
  let store: Store;
  let open: (limits?: Partial<S3Limits>) => Promise<Store>;
  let buckets = 0;

  beforeAll(async () => {
    server = await startS3Server(binary);
    proxy = new FaultyS3(server.config('x').endpoint);
    await proxy.start();
  });

  afterAll(async () => {
    await proxy.stop();
    await server.stop();
  });

  beforeEach(async () => {
    proxy.heal();
    const config = server.config(`faults-${(buckets += 1)}`);
    bucket = new S3Bucket(config);
    const way = proxy.through(config);
    open = async (limits = {}) => await openS3Store(way, new S3Bucket(way, { ...QUICK, ...limits }));
    store = await open();
  });

  /** Names of what is left outside blobs and journal. MinIO tells of unfinished uploads by exact key, or of what it remembers. */
  async function leftovers(): Promise<string[]> {
    const found: string[] = [];
    for await (const { key } of bucket.list('staging/')) found.push(key);
    for (const prefix of ['', 'staging/id', blobKey(LARGE.digest)]) {
      for await (const { key } of bucket.incompleteUploads(prefix)) found.push(`unfinished ${key}`);
    }
    return found;
  }

  /** A blob that can be seen is whole and right. */
  async function expectNothingWrong(): Promise<void> {
    for await (const { digest, size } of store.blobs.list()) {
      expect((await store.blobs.verify(digest, { size })).outcome).toBe('ok');
    }
  }

  async function runBroken(name: OperationName, rule: FaultRule, outcome: 'fails' | 'succeeds'): Promise<void> {
    const { before, run, makes }: Operation = OPERATIONS[name];
    await before?.(store);
    proxy.breaks(rule);

    if (outcome === 'succeeds') await run(store);
    else await expectFailure(run(store), 'STORE_UNAVAILABLE', { call: rule.call });

    expect(proxy.calls.filter((call) => call.startsWith(rule.call))).not.toEqual([]);
    proxy.heal();
    await expectNothingWrong();
    // A commit that succeeded is over; everything else may be repeated.
    if (outcome === 'fails') await run(store);
    if (makes !== undefined) expect((await store.blobs.verify(makes.digest)).outcome).toBe('ok');
    await store.staging.expire(new Date(Date.now() + DAY));
    expect(await leftovers()).toEqual([]);
  }

  it.each(NEEDS)('fails to %s while S3 is too busy for %s of %s, and repeats it', async (name, call, key) => {
    await runBroken(name, { call, key, fault: { kind: 'refuse', status: 503, code: 'SlowDown' } }, 'fails');
  });

  it.each(NEEDS.filter(([, call]) => /UploadPart|Complete|GetObject/.test(call)))(
    'fails to %s while S3 hangs up on %s of %s, and repeats it',
    async (name, call, key) => {
      await runBroken(name, { call, key, fault: { kind: 'cut-up', after: 0 } }, 'fails');
    },
  );

  it.each<[string, Fault]>([
    ['503', { kind: 'refuse', status: 503, code: 'SlowDown' }],
    ['500', { kind: 'refuse', status: 500, code: 'InternalError' }],
    ['429', { kind: 'refuse', status: 429, code: 'TooManyRequests' }],
    ['a cut in the middle of a part', { kind: 'cut-up', after: MIB }],
    ['a lost answer', { kind: 'lose-answer' }],
    ['a slow answer', { kind: 'delay', ms: 50 }],
  ])('gets over %s, twice, in every call of an upload', async (_, fault) => {
    proxy.breaks(
      ...(['HeadObject', 'CreateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload', 'CopyObject'] as const).map(
        (call) => ({ call, fault, times: 2 }),
      ),
    );

    await upload(store, LARGE);
    await store.staging.commit('id', { digest: LARGE.digest });

    proxy.heal();
    expect((await store.blobs.verify(LARGE.digest)).outcome).toBe('ok');
    await store.staging.expire(new Date(Date.now() + DAY));
    expect(await leftovers()).toEqual([]);
  });

  describe('when an answer is lost for good', () => {
    const lost = { kind: 'lose-answer' } as const;

    it.each<[OperationName, S3CallName, RegExp]>([
      ['put a large blob', 'CompleteMultipartUpload', /^blobs/],
      ['put a large blob of unknown digest', 'CompleteMultipartUpload', /^staging/],
      ['put a large blob of unknown digest', 'DeleteObject', /^staging/],
      ['commit a large upload', 'CompleteMultipartUpload', /^staging/],
      ['commit a large upload', 'DeleteObject', /^staging/],
      ['commit a small upload', 'DeleteObject', /^staging/],
    ])('knows how it went: %s, %s of %s', async (name, call, key) => {
      await runBroken(name, { call, key, fault: lost }, 'succeeds');
    });

    it.each<[OperationName, S3CallName, RegExp]>([
      ['put a small blob', 'PutObject', /^blobs/],
      ['put a large blob', 'UploadPart', /^blobs/],
      ['put a large blob of unknown digest', 'CopyObject', /^blobs/],
      ['append a lot', 'CreateMultipartUpload', /^staging/],
      ['append a lot', 'UploadPart', /^staging/],
      ['append a lot', 'PutObject', /tail/],
      ['commit a small upload', 'PutObject', /^blobs/],
      ['commit a large upload', 'CopyObject', /^blobs/],
      ['remove a blob', 'DeleteObject', /^blobs/],
      ['append to the journal', 'PutObject', /^journal/],
    ])('says so, and may be repeated: %s, %s of %s', async (name, call, key) => {
      await runBroken(name, { call, key, fault: lost }, 'fails');
    });

    it('leaves a multipart upload that it cannot know of to expiry', async () => {
      proxy.breaks({ call: 'CreateMultipartUpload', fault: lost });

      await expectFailure(put(store, LARGE), 'STORE_UNAVAILABLE', { call: 'CreateMultipartUpload' });

      proxy.heal();
      await store.staging.expire(new Date(Date.now() + DAY));
      expect(await leftovers()).toEqual([]);
    });

    it('stands where the state says when the answer to writing it was lost', async () => {
      await store.staging.create('id');
      proxy.breaks({ call: 'PutObject', key: /json$/, fault: lost });

      await expectFailure(store.staging.append('id', 0, LARGE.chunks()), 'STORE_UNAVAILABLE', { call: 'PutObject' });

      proxy.heal();
      expect(await store.staging.size('id')).toBe(LARGE.size);
      await store.staging.commit('id', { digest: LARGE.digest });
      expect((await store.blobs.verify(LARGE.digest)).outcome).toBe('ok');
    });

    it('does not take a damaged copy of the same size for healed', async () => {
      await put(store, LARGE);
      const damaged = flipByte((await bucket.readSmall(blobKey(LARGE.digest), LARGE.size)) ?? Buffer.alloc(0));
      await bucket.remove(blobKey(LARGE.digest));
      await put(store, buildContent(1, 1));
      await overwrite(bucket, blobKey(LARGE.digest), damaged);
      proxy.breaks({ call: 'CompleteMultipartUpload', fault: { kind: 'refuse', status: 503, code: 'SlowDown' } });

      const healing = store.blobs.put(LARGE.chunks(), { digest: LARGE.digest, heal: true });

      await expectFailure(healing, 'STORE_UNAVAILABLE', { call: 'CompleteMultipartUpload' });
      proxy.heal();
      await store.blobs.put(LARGE.chunks(), { digest: LARGE.digest, heal: true });
      expect((await store.blobs.verify(LARGE.digest)).outcome).toBe('ok');
    });
  });

  describe('when bytes do not come back', () => {
    beforeEach(async () => {
      await put(store, LARGE);
    });

    it('tells a download that breaks off from its end', async () => {
      proxy.breaks({ call: 'GetObject', fault: { kind: 'cut-down', after: MIB } });

      const reader = await store.blobs.open(LARGE.digest);
      const destination = new PassThrough();
      destination.resume();

      await expectFailure(summarize(reader), 'STORE_UNAVAILABLE', { call: 'GetObject' });
      await expectFailure((await store.blobs.open(LARGE.digest)).pipeTo(destination), 'STORE_UNAVAILABLE');
      expect(destination.writableFinished).toBe(false);
    });

    it('takes a read-back that breaks off for a failure, not for damage', async () => {
      proxy.breaks({ call: 'GetObject', fault: { kind: 'cut-down', after: MIB } });

      await expectFailure(store.blobs.verify(LARGE.digest), 'STORE_UNAVAILABLE', { call: 'GetObject' });
    });

    it('gives up on a download that falls silent', async () => {
      const impatient = await open({ idleMs: 500 });
      proxy.breaks({ call: 'GetObject', fault: { kind: 'stall', after: MIB } });

      await expectFailure(summarize(await impatient.blobs.open(LARGE.digest)), 'STORE_UNAVAILABLE');
    });

    it('refuses an object that is shorter than it was said to be', async () => {
      proxy.breaks({ call: 'GetObject', fault: { kind: 'shorten', to: MIB } });

      const reader = await store.blobs.open(LARGE.digest);

      await expectFailure(summarize(reader), 'BLOB_CORRUPT', { expected: LARGE.size, actual: MIB });
    });
  });

  it.each<[string, Fault]>([
    ['breaks off', { kind: 'cut-down', after: MIB }],
    ['is short', { kind: 'shorten', to: MIB }],
    ['is refused', { kind: 'refuse', status: 500, code: 'InternalError' }],
  ])('keeps an upload whose read-back at its commit %s', async (_, fault) => {
    // Nobody has seen all bytes of an upload that two processes wrote.
    await upload(store, LARGE, 5 * MIB);
    const other = await open();
    await other.staging.append('id', 5 * MIB, LARGE.chunks(5 * MIB));
    proxy.breaks({ call: 'GetObject', key: /^staging\/id$/, fault });

    const commit = other.staging.commit('id', { digest: LARGE.digest });

    await expectFailure(commit, 'STORE_UNAVAILABLE', { call: 'GetObject', key: 'staging/id' });
    proxy.heal();
    expect(await other.blobs.stat(LARGE.digest)).toBeNull();
    await other.staging.commit('id', { digest: LARGE.digest });
    expect((await store.blobs.verify(LARGE.digest)).outcome).toBe('ok');
  });

  it.each([
    ['PutObject', /^blobs/, SMALL],
    ['UploadPart', /^blobs/, LARGE],
    ['HeadObject', /^blobs/, SMALL],
  ] as const)('gives up on %s of %s that nobody answers, and lets go of it', async (call, key, content) => {
    const impatient = await open({ shortMs: 500, transferMs: 500 });
    proxy.breaks({ call, key, fault: { kind: 'hang' } });

    await expectFailure(put(impatient, content), 'STORE_UNAVAILABLE', { call, code: 'ETIMEDOUT' });

    proxy.heal();
    await put(store, content);
    expect((await store.blobs.verify(content.digest)).outcome).toBe('ok');
  });

  it('does not let a write that was given up arrive after a later one', async () => {
    const impatient = await open({ transferMs: 1500 });
    await impatient.staging.create('id');
    proxy.breaks({ call: 'PutObject', key: /json$/, fault: { kind: 'delay', ms: 3000 }, times: 1 });
    await impatient.staging.append('id', 0, SMALL.chunks(0, 10));
    proxy.heal();
    await impatient.staging.append('id', 10, SMALL.chunks(10, 500));

    // The first write of the state would come now.
    await new Promise((resolve) => setTimeout(resolve, 2500));

    expect(await impatient.staging.size('id')).toBe(500);
  });

  it('keeps an upload that an old list calls idle', async () => {
    await store.staging.create('id');
    const idle = new Date(Date.now() + 1500);
    await store.staging.expire(new Date(0));
    while (Date.now() < idle.getTime() + 1000) await new Promise((resolve) => setTimeout(resolve, 100));
    await store.staging.append('id', 0, SMALL.chunks());
    proxy.breaks({ call: 'ListObjectsV2', fault: { kind: 'stale' } });

    const count = await store.staging.expire(idle);

    expect({ count, size: await store.staging.size('id') }).toEqual({ count: 0, size: 1000 });
  });

  it('takes up what an old list did not show with the next expiry', async () => {
    await store.staging.expire(new Date(0));
    await upload(store, LARGE);
    proxy.breaks({ call: 'ListObjectsV2', fault: { kind: 'stale' } });
    await store.staging.expire(new Date(Date.now() + DAY));
    proxy.heal();

    await store.staging.expire(new Date(Date.now() + DAY));

    expect(await leftovers()).toEqual([]);
  });

  it('says that the upload is gone when S3 hangs up on a part instead of saying so', async () => {
    await upload(store, LARGE);
    const state = JSON.parse(((await bucket.readSmall('staging/id.json', 4096)) ?? '').toString());
    await bucket.abortUpload('staging/id', state.uploadId);
    proxy.breaks({ call: 'UploadPart', fault: { kind: 'cut-up', after: MIB } });

    const append = store.staging.append('id', LARGE.size, buildContent(17 * MIB, 73).chunks());

    await expectFailure(append, 'BLOB_UPLOAD_UNKNOWN');
  });

  describe('when S3 takes no more', () => {
    it.each([
      ['507 without a body', { status: 507 }],
      ['507 of MinIO', { status: 507, code: 'XMinioStorageFull' }],
      ['a quota of MinIO', { status: 400, code: 'XMinioAdminBucketQuotaExceeded' }],
      ['a quota of others', { status: 403, code: 'QuotaExceeded' }],
    ] as const)('says that the store is full: %s', async (_, refusal) => {
      const fault = { kind: 'refuse', ...refusal } as const;
      await upload(store, SMALL, 10);
      proxy.breaks({ call: 'PutObject', fault }, { call: 'UploadPart', fault });

      await expectFailure(put(store, SMALL), 'STORE_FULL');
      await expectFailure(put(store, LARGE), 'STORE_FULL');
      await expectFailure(store.staging.append('id', 10, SMALL.chunks(10)), 'STORE_FULL');
      await expectFailure(store.probe(), 'STORE_FULL');

      proxy.heal();
      expect(await store.staging.size('id')).toBe(10);
      await store.staging.append('id', 10, SMALL.chunks(10));
      await store.staging.commit('id', { digest: SMALL.digest });
    });

    it('cannot be written with keys that may only read', async () => {
      await put(store, SMALL);
      const fault = { kind: 'refuse', status: 403, code: 'AccessDenied' } as const;
      proxy.breaks(
        { call: 'PutObject', fault },
        { call: 'CreateMultipartUpload', fault },
        { call: 'DeleteObject', fault },
      );

      await expectFailure(put(store, buildContent(10, 1)), 'STORE_UNAVAILABLE', { code: 'AccessDenied' });
      await expectFailure(put(store, LARGE), 'STORE_UNAVAILABLE', { code: 'AccessDenied' });
      await expectFailure(store.staging.create('id'), 'STORE_UNAVAILABLE', { code: 'AccessDenied' });
      await expectFailure(store.probe(), 'STORE_UNAVAILABLE', { code: 'AccessDenied' });

      expect((await store.blobs.verify(SMALL.digest)).outcome).toBe('ok');
      expect(proxy.calls.filter((call) => call.startsWith('PutObject blobs/'))).toHaveLength(1);
    });
  });
});

import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { ArchiveError } from '@envarium/errors';
import { digestEncoded, parseDigest } from '@envarium/oci';
import { describe, expect, it } from 'vitest';
import type { Store } from './store.js';
import {
  MIB,
  breakingOff,
  buildContent,
  expectFailure,
  flipByte,
  summarize,
  type StoreFixture,
} from './store.suite.js';

const ID = 'upload-1';
const MINUTE = 60_000;

export function describeStagingArea(current: () => { fixture: StoreFixture; store: Store }): void {
  describe('staging', () => {
    it.each([0, 1, MIB, 16 * MIB, 40 * MIB])('makes an upload of %i bytes a blob', async (size) => {
      const { fixture, store } = current();
      const content = buildContent(size, 31);
      await store.staging.create(ID);

      const appended = await store.staging.append(ID, 0, content.chunks());
      const committed = await store.staging.commit(ID, { digest: content.digest, size });

      expect(appended).toEqual({ received: size, sha256: digestEncoded(content.digest) });
      expect(committed).toEqual({ size });
      expect((await store.blobs.verify(content.digest, { size })).outcome).toBe('ok');
      expect(await fixture.staged()).toEqual([]);
    });

    it('keeps a copy of the right size unless told to heal', async () => {
      const { fixture, store } = current();
      const outcomes = [];
      for (const size of [1000, 20 * MIB]) {
        const content = buildContent(size, 47);
        await store.blobs.put(content.chunks(), { digest: content.digest });
        await fixture.damage(content.digest, flipByte);
        for (const heal of [false, true]) {
          await store.staging.create(ID);
          await store.staging.append(ID, 0, content.chunks());
          await store.staging.commit(ID, { digest: content.digest, heal });
          outcomes.push((await store.blobs.verify(content.digest)).outcome);
        }
      }

      expect(outcomes).toEqual(['mismatch', 'ok', 'mismatch', 'ok']);
      expect(await fixture.staged()).toEqual([]);
    });

    it('tells length and sha256 after each piece', async () => {
      const { store } = current();
      const content = buildContent(40 * MIB, 32);
      await store.staging.create(ID);

      for (const [start, end] of [
        [0, 10],
        [10, 3 * MIB],
        [3 * MIB, 20 * MIB + 7],
        [20 * MIB + 7, 20 * MIB + 7],
        [20 * MIB + 7, 40 * MIB],
      ] as const) {
        const appended = await store.staging.append(ID, start, content.chunks(start, end));

        const { sha256 } = await summarize(content.chunks(0, end));
        expect(appended).toEqual({ received: end, sha256 });
        expect(await store.staging.size(ID)).toBe(end);
      }
      expect(await store.staging.commit(ID, { digest: content.digest })).toEqual({ size: 40 * MIB });
      expect((await store.blobs.verify(content.digest)).outcome).toBe('ok');
    });

    it('goes on in another process, which reads the bytes again before it believes them', async () => {
      const { fixture, store } = current();
      const content = buildContent(40 * MIB, 33);
      await store.staging.create(ID);
      await store.staging.append(ID, 0, content.chunks(0, 18 * MIB));

      const other = await fixture.open();
      const appended = await other.staging.append(ID, 18 * MIB, content.chunks(18 * MIB));
      const committed = await (await fixture.open()).staging.commit(ID, { digest: content.digest });

      expect(appended).toEqual({ received: 40 * MIB, sha256: null });
      expect(committed).toEqual({ size: 40 * MIB });
      expect((await store.blobs.verify(content.digest)).outcome).toBe('ok');
      expect(await fixture.staged()).toEqual([]);
    });

    it.each([MIB, 20 * MIB])('refuses %i bytes of another digest in another process', async (size) => {
      const { fixture, store } = current();
      const content = buildContent(size, 34);
      const expected = buildContent(size, 35).digest;
      await store.staging.create(ID);
      await store.staging.append(ID, 0, content.chunks());

      const commit = (await fixture.open()).staging.commit(ID, { digest: expected });

      await expectFailure(commit, 'DIGEST_INVALID', { expected, actual: content.digest });
      expect(await store.blobs.stat(expected)).toBeNull();
      expect(await fixture.staged()).toEqual([]);
    });

    it('believes a known sha256 for exactly the announced size', async () => {
      const { fixture, store } = current();
      const content = buildContent(20 * MIB, 36);
      await store.staging.create(ID);
      const { sha256, received } = await store.staging.append(ID, 0, content.chunks());

      const commit = (await fixture.open()).staging.commit(ID, {
        digest: content.digest,
        size: received,
        knownSha256: sha256 ?? undefined,
      });

      expect(await commit).toEqual({ size: 20 * MIB });
    });

    it('does not believe a known sha256 of nobody knows how many bytes', async () => {
      const { fixture, store } = current();
      const content = buildContent(20 * MIB, 37);
      const wrong = buildContent(20 * MIB, 38).digest;
      await store.staging.create(ID);
      await store.staging.append(ID, 0, content.chunks());

      const commit = (await fixture.open()).staging.commit(ID, { digest: wrong, knownSha256: digestEncoded(wrong) });

      await expectFailure(commit, 'DIGEST_INVALID', { expected: wrong, actual: content.digest });
    });

    it('commits under a sha512 digest', async () => {
      const { store } = current();
      const content = buildContent(20 * MIB, 39, 'sha512');
      await store.staging.create(ID);
      await store.staging.append(ID, 0, content.chunks());

      await store.staging.commit(ID, { digest: content.digest });

      expect((await store.blobs.verify(content.digest)).outcome).toBe('ok');
    });

    it.each([0, 99, 101])('refuses to append at %i of 100', async (offset) => {
      const { store } = current();
      await store.staging.create(ID);
      await store.staging.append(ID, 0, buildContent(100, 40).chunks());

      const append = store.staging.append(ID, offset, buildContent(1, 1).chunks());

      await expectFailure(append, 'BLOB_UPLOAD_OFFSET', { expected: 100, actual: offset });
      expect(await store.staging.size(ID)).toBe(100);
    });

    it.each([100, 20 * MIB + 1])('keeps the first %i bytes of a source that breaks off', async (end) => {
      const { store } = current();
      const content = buildContent(40 * MIB, 41);
      const broken = new Error('client vanished');
      await store.staging.create(ID);

      const append = store.staging.append(ID, 0, breakingOff(content, end, broken));

      await expect(append).rejects.toBe(broken);
      expect(await store.staging.size(ID)).toBe(end);
      const appended = await store.staging.append(ID, end, content.chunks(end));
      expect(appended).toEqual({ received: 40 * MIB, sha256: digestEncoded(content.digest) });
      await store.staging.commit(ID, { digest: content.digest });
      expect((await store.blobs.verify(content.digest)).outcome).toBe('ok');
    });

    it('keeps what an HTTP client sent before it vanished', async () => {
      const { store } = current();
      await store.staging.create(ID);

      const append = await appendFromVanishingClient(store, 3 * MIB);

      expect(append).toBe('failed');
      expect(await store.staging.size(ID)).toBe(3 * MIB);
    });

    it('lets one request at a time write', async () => {
      const { store } = current();
      const content = buildContent(MIB, 42);
      await store.staging.create(ID);
      async function* slow(): AsyncGenerator<Buffer> {
        await expectFailure(store.staging.append(ID, 0, content.chunks()), 'BLOB_UPLOAD_BUSY', { id: ID });
        yield* content.chunks();
      }

      await store.staging.append(ID, 0, slow());

      expect(await store.staging.size(ID)).toBe(MIB);
    });

    it.each([
      [1000, 'before'],
      [1000, 'after'],
      [20 * MIB, 'before'],
      [20 * MIB, 'after'],
    ])(
      'never takes %i bytes of a writer that lost its turn for those of another, who commits %s it ends',
      async (size, when) => {
        const { fixture, store } = current();
        const [content, others] = [buildContent(size, 50), buildContent(size, 51)];
        const [started, resumed] = [gate(), gate()];
        async function* sleepy(): AsyncGenerator<Buffer> {
          yield* content.chunks(0, size / 2);
          started.open();
          await resumed.opened;
          yield* content.chunks(size / 2);
        }
        await store.staging.create(ID);
        const late = store.staging.append(ID, 0, sleepy()).then(
          () => 'done',
          () => 'refused',
        );
        await started.opened;
        const other = await fixture.open();
        const offset = await other.staging.size(ID);
        async function* mixed(): AsyncGenerator<Buffer> {
          yield* content.chunks(0, offset);
          yield* others.chunks(offset);
        }
        const digest = parseDigest(`sha256:${(await summarize(mixed())).sha256}`);
        const { received, sha256 } = await other.staging.append(ID, offset, others.chunks(offset));
        const commit = async (): Promise<unknown> =>
          await other.staging.commit(ID, { digest, size: received, knownSha256: sha256 ?? undefined });

        if (when === 'before') await commit();
        resumed.open();
        await late;
        if (when === 'after') await commit().catch((error: unknown) => expect(error).toBeInstanceOf(ArchiveError));

        const stored = await store.blobs.verify(digest);
        expect(['ok', ...(when === 'after' ? ['missing'] : [])]).toContain(stored.outcome);
        // A commit of the late one's bytes must not be believed either.
        await store.staging.commit(ID, { digest: content.digest, size }).catch(() => undefined);
        expect(['ok', 'missing']).toContain((await store.blobs.verify(content.digest)).outcome);
        await store.staging.expire(new Date(Date.now() + MINUTE));
        expect(await fixture.staged()).toEqual([]);
      },
    );

    it.each([-1, 1])('refuses to commit when the size is off by %i', async (difference) => {
      const { fixture, store } = current();
      const content = buildContent(100, 43);
      await store.staging.create(ID);
      await store.staging.append(ID, 0, content.chunks());

      const commit = store.staging.commit(ID, { digest: content.digest, size: 100 + difference });

      await expectFailure(commit, 'SIZE_INVALID', { expected: 100 + difference, actual: 100 });
      expect(await store.blobs.stat(content.digest)).toBeNull();
      expect(await fixture.staged()).toEqual([]);
    });

    it.each([100, 20 * MIB])('does not know an upload of %i bytes any more after its commit', async (size) => {
      const { store } = current();
      const content = buildContent(size, 44);
      await store.staging.create(ID);
      await store.staging.append(ID, 0, content.chunks());
      await store.staging.commit(ID, { digest: content.digest });

      await expectFailure(store.staging.commit(ID, { digest: content.digest }), 'BLOB_UPLOAD_UNKNOWN', { id: ID });
      expect((await store.blobs.verify(content.digest)).outcome).toBe('ok');
    });

    it('commits content that the store has already', async () => {
      const { fixture, store } = current();
      const content = buildContent(20 * MIB, 45);
      await store.blobs.put(content.chunks(), { digest: content.digest });
      await store.staging.create(ID);
      await store.staging.append(ID, 0, content.chunks());

      await store.staging.commit(ID, { digest: content.digest });

      expect((await store.blobs.verify(content.digest)).outcome).toBe('ok');
      expect(await fixture.staged()).toEqual([]);
    });

    it.each([100, 20 * MIB])('replaces a truncated copy of %i bytes', async (size) => {
      const { fixture, store } = current();
      const content = buildContent(size, 46);
      await store.blobs.put(content.chunks(), { digest: content.digest });
      await fixture.damage(content.digest, (bytes) => bytes.subarray(0, size - 1));
      await store.staging.create(ID);
      await store.staging.append(ID, 0, content.chunks());

      await store.staging.commit(ID, { digest: content.digest });

      expect((await store.blobs.verify(content.digest)).outcome).toBe('ok');
    });

    it.each(['upload-2', '', '../blobs', 'a/b', `${ID}.json`])('does not know the upload "%s"', async (id) => {
      const { store } = current();
      const { digest } = buildContent(1, 1);
      await store.staging.create(ID);

      await expectFailure(store.staging.size(id), 'BLOB_UPLOAD_UNKNOWN');
      await expectFailure(store.staging.append(id, 0, buildContent(1, 1).chunks()), 'BLOB_UPLOAD_UNKNOWN');
      await expectFailure(store.staging.commit(id, { digest }), 'BLOB_UPLOAD_UNKNOWN');
    });

    it('refuses to create an upload twice', async () => {
      const { store } = current();
      await store.staging.create(ID);

      await expectFailure(store.staging.create(ID), 'BLOB_UPLOAD_INVALID', { id: ID });
    });

    it.each([100, 20 * MIB])('discards an upload of %i bytes, and an unknown one', async (size) => {
      const { fixture, store } = current();
      await store.staging.create(ID);
      await store.staging.append(ID, 0, buildContent(size, 47).chunks());

      await store.staging.discard(ID);
      await store.staging.discard(ID);

      expect(await fixture.staged()).toEqual([]);
      await expectFailure(store.staging.size(ID), 'BLOB_UPLOAD_UNKNOWN', { id: ID });
    });

    it('expires what nobody wrote to, and nothing younger', async () => {
      const { fixture, store } = current();
      await store.staging.create('small');
      await store.staging.append('small', 0, buildContent(100, 48).chunks());
      await store.staging.create('large');
      await store.staging.append('large', 0, buildContent(20 * MIB, 49).chunks());

      const young = await store.staging.expire(new Date(Date.now() - MINUTE));
      const sizes = [await store.staging.size('small'), await store.staging.size('large')];
      const old = await store.staging.expire(new Date(Date.now() + MINUTE));

      expect({ young, sizes, old }).toEqual({ young: 0, sizes: [100, 20 * MIB], old: 2 });
      expect(await fixture.staged()).toEqual([]);
    });
  });
}

function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** A client that announces more than it sends, and closes the connection. */
async function appendFromVanishingClient(store: Store, sent: number): Promise<'failed' | 'succeeded'> {
  return await new Promise((resolve, reject) => {
    const server = createServer((incoming) => {
      store.staging
        .append(ID, 0, incoming)
        .then(
          () => resolve('succeeded'),
          () => resolve('failed'),
        )
        .finally(() => server.close());
    });
    server.listen(0, '127.0.0.1', () => {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      socket.on('error', reject);
      socket.write(`PATCH / HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${10 * MIB}\r\n\r\n`);
      socket.end(Buffer.alloc(sent, 7));
    });
  });
}

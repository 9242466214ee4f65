import { createServer, request, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ArchiveError } from '@envarium/errors';
import { digestEncoded, digestOf } from '@envarium/oci';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeJournal } from './journal.suite.js';
import { describeStagingArea } from './staging-area.suite.js';
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

const EMPTY = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const SIZES = [0, 1, MIB, MIB + 1, 16 * MIB, 40 * MIB];

/** The contract of a store, to be run by every driver. `create` makes an empty store for one test. */
export function describeBlobStore(name: string, create: () => Promise<StoreFixture>): void {
  describe(name, () => {
    let fixture: StoreFixture;
    let store: Store;

    beforeEach(async () => {
      fixture = await create();
      store = await fixture.open();
    });

    afterEach(async () => {
      await fixture.dispose();
    });

    describe('put', () => {
      it.each(SIZES)('keeps %i bytes under their digest', async (size) => {
        const content = buildContent(size, 1);

        const stored = await store.blobs.put(content.chunks(), { digest: content.digest, size });

        expect(stored).toEqual({ digest: content.digest, size });
        expect(await store.blobs.stat(content.digest)).toEqual({ size });
        const read = await summarize(await store.blobs.open(content.digest));
        expect(read).toEqual({ sha256: digestEncoded(content.digest), size });
        expect(await fixture.staged()).toEqual([]);
      });

      it.each(SIZES)('names %i bytes by their sha256 when nobody did', async (size) => {
        const content = buildContent(size, 2);

        const stored = await store.blobs.put(content.chunks(), {});

        expect(stored).toEqual({ digest: content.digest, size });
        expect((await store.blobs.verify(content.digest)).outcome).toBe('ok');
        expect(await fixture.staged()).toEqual([]);
      });

      it('gives no bytes the digest of no bytes', async () => {
        expect(await store.blobs.put(buildContent(0, 1).chunks(), {})).toEqual({ digest: EMPTY, size: 0 });
      });

      it('keeps content under a sha512 digest', async () => {
        const content = buildContent(MIB + 1, 3, 'sha512');

        await store.blobs.put(content.chunks(), { digest: content.digest });

        expect(await store.blobs.verify(content.digest)).toMatchObject({
          outcome: 'ok',
          actual: content.digest,
        });
      });

      it.each([1, MIB, 40 * MIB])('refuses %i bytes of another digest and leaves nothing behind', async (size) => {
        const content = buildContent(size, 4);
        const expected = buildContent(size, 5).digest;

        const put = store.blobs.put(content.chunks(), { digest: expected });

        await expectFailure(put, 'DIGEST_INVALID', { expected, actual: content.digest });
        expect(await store.blobs.stat(expected)).toBeNull();
        expect(await store.blobs.stat(content.digest)).toBeNull();
        expect(await fixture.staged()).toEqual([]);
      });

      it.each([1, 40 * MIB])('refuses %i bytes where one more was announced', async (size) => {
        const content = buildContent(size, 6);

        const put = store.blobs.put(content.chunks(), { digest: content.digest, size: size + 1 });

        await expectFailure(put, 'SIZE_INVALID', { expected: size + 1, actual: size });
        expect(await store.blobs.stat(content.digest)).toBeNull();
        expect(await fixture.staged()).toEqual([]);
      });

      it('stops reading at the first chunk too many', async () => {
        const content = buildContent(40 * MIB, 7);
        let bytesGiven = 0;
        async function* counted(): AsyncGenerator<Buffer> {
          for await (const chunk of content.chunks()) {
            bytesGiven += chunk.length;
            yield chunk;
          }
        }

        const put = store.blobs.put(counted(), { digest: content.digest, size: 20 * MIB });

        await expectFailure(put, 'SIZE_INVALID', { expected: 20 * MIB, actual: 20 * MIB + 65_536 });
        expect(bytesGiven).toBe(20 * MIB + 65_536);
        expect(await fixture.staged()).toEqual([]);
      });

      it('refuses more than the largest acceptable size', async () => {
        const put = store.blobs.put(buildContent(MIB, 8).chunks(), { maxSize: MIB - 1 });

        await expectFailure(put, 'BODY_TOO_LARGE', { limit: MIB - 1 });
        expect(await fixture.staged()).toEqual([]);
      });

      it.each([100, 20 * MIB])('passes on the error of a source that breaks off after %i bytes', async (end) => {
        const content = buildContent(40 * MIB, 9);
        const broken = new Error('upstream closed');

        const put = store.blobs.put(breakingOff(content, end, broken), { digest: content.digest });

        await expect(put).rejects.toBe(broken);
        expect(await store.blobs.stat(content.digest)).toBeNull();
        expect(await fixture.staged()).toEqual([]);
      });

      it.each([MIB, 20 * MIB])('takes the same %i bytes from two writers at once', async (size) => {
        const content = buildContent(size, 10);
        const expected = { digest: content.digest, size };

        const both = await Promise.all([
          store.blobs.put(content.chunks(), expected),
          (await fixture.open()).blobs.put(content.chunks(), expected),
        ]);

        expect(both).toEqual([expected, expected]);
        expect((await store.blobs.verify(content.digest)).outcome).toBe('ok');
        expect(await fixture.staged()).toEqual([]);
      });

      it('replaces a copy of the wrong size', async () => {
        const content = buildContent(MIB, 11);
        await store.blobs.put(content.chunks(), { digest: content.digest });
        await fixture.damage(content.digest, (bytes) => bytes.subarray(0, 1000));

        await store.blobs.put(content.chunks(), { digest: content.digest });

        expect((await store.blobs.verify(content.digest)).outcome).toBe('ok');
      });

      it('keeps a copy of the right size unless told to heal', async () => {
        const content = buildContent(MIB, 12);
        await store.blobs.put(content.chunks(), { digest: content.digest });
        await fixture.damage(content.digest, flipByte);

        await store.blobs.put(content.chunks(), { digest: content.digest });
        const kept = await store.blobs.verify(content.digest);
        await store.blobs.put(content.chunks(), { digest: content.digest, heal: true });
        const healed = await store.blobs.verify(content.digest);

        expect([kept.outcome, healed.outcome]).toEqual(['mismatch', 'ok']);
        expect(await fixture.staged()).toEqual([]);
      });

      it('lets an HTTP request that it refuses be answered', async () => {
        const answer = await serveOnce(
          async (incoming, response) => {
            const code = await store.blobs.put(incoming, { size: MIB }).catch((error: unknown) => error);
            response.setHeader('connection', 'close');
            response.end(code instanceof ArchiveError ? code.code : 'no error');
          },
          async (port) => {
            const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: Buffer.alloc(2 * MIB) });
            return await response.text();
          },
        );

        expect(answer).toBe('SIZE_INVALID');
      });
    });

    describe('remove', () => {
      it('lets the bytes of one blob go, and takes them again', async () => {
        const [gone, kept] = [buildContent(MIB, 13), buildContent(MIB, 14)];
        for (const content of [gone, kept]) await store.blobs.put(content.chunks(), { digest: content.digest });

        await store.removal.remove(gone.digest);

        expect(await store.blobs.stat(gone.digest)).toBeNull();
        expect(await store.blobs.stat(kept.digest)).toEqual({ size: MIB });
        await store.blobs.put(gone.chunks(), { digest: gone.digest });
        expect((await store.blobs.verify(gone.digest)).outcome).toBe('ok');
      });

      it('is harmless where there is nothing', async () => {
        await store.removal.remove(buildContent(1, 15).digest);

        expect(await store.blobs.stat(buildContent(1, 15).digest)).toBeNull();
      });
    });

    describe('open', () => {
      it.each([
        [0, 0, 0, 1],
        [0, 99, 0, 100],
        [MIB - 5, MIB + 4, MIB - 5, 10],
        [2 * MIB, 2 * MIB, 2 * MIB, 1],
        [100, 9_999_999, 100, 2 * MIB + 1 - 100],
      ])('gives bytes %i to %i', async (start, end, expectedStart, expectedLength) => {
        const content = buildContent(2 * MIB + 1, 13);
        await store.blobs.put(content.chunks(), { digest: content.digest });

        const reader = await store.blobs.open(content.digest, { start, end });

        expect(reader).toMatchObject({ size: 2 * MIB + 1, start: expectedStart, length: expectedLength });
        const expected = await summarize(content.chunks(expectedStart, expectedStart + expectedLength));
        expect(await summarize(reader)).toEqual(expected);
      });

      it.each([
        [100, 100],
        [-1, 5],
        [7, 6],
        [0.5, 6],
      ])('refuses the range %f to %f of 100 bytes', async (start, end) => {
        const { digest } = await store.blobs.put(buildContent(100, 14).chunks(), {});

        await expectFailure(store.blobs.open(digest, { start, end }), 'RANGE_INVALID', { size: 100 });
      });

      it('does not know what it does not have', async () => {
        const { digest } = buildContent(10, 15);

        expect(await store.blobs.stat(digest)).toBeNull();
        await expectFailure(store.blobs.open(digest), 'BLOB_UNKNOWN', { digest });
        expect(await store.blobs.verify(digest)).toEqual({ outcome: 'missing' });
      });

      it('can be closed without reading, and twice', async () => {
        const { digest } = await store.blobs.put(buildContent(10, 16).chunks(), {});

        const reader = await store.blobs.open(digest);

        await reader.close();
        await reader.close();
      });

      it('ends when the reading stops early', async () => {
        const { digest } = await store.blobs.put(buildContent(4 * MIB, 17).chunks(), {});

        for await (const chunk of await store.blobs.open(digest)) {
          expect(chunk.length).toBeGreaterThan(0);
          break;
        }
      });
    });

    describe('pipeTo', () => {
      it.each(SIZES)('sends %i bytes as an HTTP answer', async (size) => {
        const content = buildContent(size, 18);
        await store.blobs.put(content.chunks(), { digest: content.digest });

        const received = await serveOnce(
          async (_incoming, response) => {
            const reader = await store.blobs.open(content.digest);
            response.setHeader('content-length', reader.length);
            await reader.pipeTo(response);
          },
          async (port) => await summarize(await get(port)),
        );

        expect(received).toEqual({ sha256: digestEncoded(content.digest), size });
      });

      it('says so when the client leaves', async () => {
        const content = buildContent(40 * MIB, 19);
        await store.blobs.put(content.chunks(), { digest: content.digest });
        let sending: Promise<void> = Promise.resolve();

        await serveOnce(
          async (_incoming, response) => {
            sending = (await store.blobs.open(content.digest)).pipeTo(response);
            await sending.catch(() => undefined);
          },
          async (port) => {
            const answer = await get(port);
            await new Promise((resolve) => answer.once('data', resolve));
            answer.destroy();
          },
        );

        await expectFailure(sending, 'CLIENT_CLOSED_REQUEST');
      });

      it('says so when the client has left before', async () => {
        const { digest } = await store.blobs.put(buildContent(MIB, 20).chunks(), {});
        let sending: Promise<void> = Promise.resolve();

        await serveOnce(
          async (_incoming, response) => {
            response.destroy();
            sending = (await store.blobs.open(digest)).pipeTo(response);
            await sending.catch(() => undefined);
          },
          async (port) => {
            await get(port).catch(() => undefined);
          },
        );

        await expectFailure(sending, 'CLIENT_CLOSED_REQUEST');
      });
    });

    describe('verify', () => {
      it('gives a second digest of what it read', async () => {
        const { digest } = await store.blobs.put(buildContent(3, 97).chunks(), {});

        const found = await store.blobs.verify(digest, { size: 3, withSecondDigest: true });

        expect(found).toEqual({
          outcome: 'ok',
          actual: digest,
          size: 3,
          secondDigest: buildContent(3, 97, 'sha512').digest,
        });
      });

      it.each([1000, 20 * MIB])('finds one flipped byte in %i', async (size) => {
        const content = buildContent(size, 21);
        await store.blobs.put(content.chunks(), { digest: content.digest });
        let actual = content.digest;
        await fixture.damage(content.digest, (bytes) => {
          const damaged = flipByte(bytes);
          actual = digestOf(damaged);
          return damaged;
        });

        const found = await store.blobs.verify(content.digest, { size });

        expect(found).toMatchObject({ outcome: 'mismatch', actual, size });
      });

      it('tells a truncated copy by the size it should have', async () => {
        const content = buildContent(1000, 22);
        await store.blobs.put(content.chunks(), { digest: content.digest });
        await fixture.damage(content.digest, (bytes) => bytes.subarray(0, 999));

        expect(await store.blobs.verify(content.digest, { size: 1000 })).toMatchObject({
          outcome: 'truncated',
          size: 999,
        });
        expect(await store.blobs.verify(content.digest)).toMatchObject({ outcome: 'mismatch', size: 999 });
      });
    });

    describe('list', () => {
      it('gives every blob with its size, in the order of the keys', async () => {
        const sizes = [5, 6, 7, 8, 9, 10];
        const contents = sizes.map((size) => buildContent(size, 23));
        for (const content of contents) await store.blobs.put(content.chunks(), {});

        const listed: { digest: string; size: number }[] = [];
        for await (const blob of store.blobs.list()) listed.push(blob);

        const expected = contents.map(({ digest, size }) => ({ digest, size }));
        expect(listed).toEqual(expected.toSorted((a, b) => (a.digest < b.digest ? -1 : 1)));
      });
    });

    describe('probe', () => {
      it('resolves and leaves nothing behind', async () => {
        await store.probe();

        expect(await fixture.staged()).toEqual([]);
      });
    });

    describeStagingArea(() => ({ fixture, store }));
    describeJournal(() => ({ fixture, store }));
  });
}

async function serveOnce<T>(
  serve: (...args: Parameters<RequestListener>) => Promise<void>,
  visit: (port: number) => Promise<T>,
): Promise<T> {
  let serving: Promise<void> = Promise.resolve();
  const server = createServer((incoming, response) => {
    serving = serve(incoming, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const result = await visit((server.address() as AddressInfo).port);
    await serving;
    return result;
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function get(port: number): Promise<import('node:http').IncomingMessage> {
  return await new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, agent: false }, resolve).on('error', reject).end();
  });
}

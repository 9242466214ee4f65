import { execFileSync } from 'node:child_process';
import {
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseDigest } from '@envarium/oci';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeBlobStore } from '../blob-store.suite.js';
import { blobKey } from '../layout.js';
import { openStore } from '../open-store.js';
import type { Store } from '../store.js';
import { MIB, breakingOff, buildContent, expectFailure, type StoreFixture } from '../store.suite.js';

describeBlobStore('storage/filesystem', createFixture);

describe('storage/filesystem/filesystem-store', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'storage-'));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  async function open(): Promise<Store> {
    return await openStore({ kind: 'filesystem', directory });
  }

  it('makes a missing directory an OCI layout', async () => {
    const missing = path.join(directory, 'deep/er');

    await openStore({ kind: 'filesystem', directory: missing });

    expect((await readdir(missing)).toSorted()).toEqual(['blobs', 'journal', 'oci-layout', 'staging']);
    expect(await readFile(path.join(missing, 'oci-layout'), 'utf8')).toBe('{"imageLayoutVersion":"1.0.0"}');
  });

  it('refuses a directory that holds something else', async () => {
    await writeFile(path.join(directory, 'thesis.tex'), 'do not touch');

    await expectFailure(open(), 'CONFIG_INVALID', { directory, missing: 'oci-layout', found: ['thesis.tex'] });
    expect(await readdir(directory)).toEqual(['thesis.tex']);
  });

  it('refuses a layout of another version', async () => {
    await writeFile(path.join(directory, 'oci-layout'), '{"imageLayoutVersion":"2.0.0"}');

    await expectFailure(open(), 'CONFIG_INVALID', { invalid: 'oci-layout' });
  });

  it('takes a freshly formatted disk, and one where an earlier opening crashed', async () => {
    await mkdir(path.join(directory, 'lost+found'));
    await writeFile(path.join(directory, 'oci-layout.5e0c'), '');

    expect((await open()).kind).toBe('filesystem');
  });

  it('writes a blob read-only at the place that its digest names', async () => {
    const store = await open();

    await store.blobs.put(buildContent(0, 1).chunks(), {});

    const place = 'blobs/sha256/e3/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
    expect((await stat(path.join(directory, place))).mode & 0o777).toBe(0o444);
  });

  it('goes on with an upload whose writer was killed: in a chunk, in its commit, and while another took over', async () => {
    const content = buildContent(1000, 2);
    const store = await open();
    const staging = (name: string): string => path.join(directory, 'staging', name);
    await store.staging.create('id');
    await store.staging.append('id', 0, content.chunks(0, 700));
    // A file that is claimed and cannot be written any more, and half a copy of it.
    await rename(staging('id'), staging('id.5e0c.writing'));
    await chmod(staging('id.5e0c.writing'), 0o444);
    await writeFile(staging('id.77aa.writing'), 'half');

    expect(await store.staging.size('id')).toBe(700);
    await store.staging.append('id', 700, content.chunks(700));

    expect(await readdir(path.join(directory, 'staging'))).toEqual(['id']);
    await store.staging.commit('id', { digest: content.digest });
    expect((await store.blobs.verify(content.digest)).outcome).toBe('ok');
  });

  it('discards and expires an upload whose writer was killed', async () => {
    const store = await open();
    for (const name of ['a.5e0c.writing', 'b.5e0c.writing', 'b.77aa.writing']) {
      await writeFile(path.join(directory, 'staging', name), 'bytes');
    }

    await store.staging.discard('b');
    expect(await readdir(path.join(directory, 'staging'))).toEqual(['a.5e0c.writing']);
    expect(await store.staging.expire(new Date(Date.now() + 60_000))).toBe(1);
    expect(await readdir(path.join(directory, 'staging'))).toEqual([]);
  });

  it('files a journal entry under year and month of its id', async () => {
    const store = await open();

    await store.journal.append({ id: '01HZ8W0G00000000000000000A', body: Buffer.from('{}') });

    expect(await readdir(path.join(directory, 'journal/2024/06'))).toEqual(['01HZ8W0G00000000000000000A.json']);
  });

  it('passes over what is no blob', async () => {
    const store = await open();
    const { digest } = await store.blobs.put(buildContent(1, 1).chunks(), {});
    await writeFile(path.join(directory, 'blobs/.DS_Store'), '');
    await writeFile(path.join(directory, path.dirname(blobKey(digest)), 'notes.txt'), '');

    const listed: string[] = [];
    for await (const blob of store.blobs.list()) listed.push(blob.digest);

    expect(listed).toEqual([digest]);
  });

  it('expires what a crashed writer left', async () => {
    const store = await open();
    const leftover = path.join(directory, 'staging/0b2e.put');
    await writeFile(leftover, 'half a blob');
    await utimes(leftover, new Date('2024-01-01'), new Date('2024-01-01'));

    expect(await store.staging.expire(new Date('2024-01-02'))).toBe(1);
    expect(await readdir(path.join(directory, 'staging'))).toEqual([]);
  });

  it('is not fooled by the empty mount point of a disk that went away', async () => {
    const store = await open();
    await rm(path.join(directory, 'oci-layout'));

    await expectFailure(store.probe(), 'STORE_UNAVAILABLE', { missing: 'oci-layout' });
  });
});

describe('storage/filesystem/full-disk', () => {
  const SIZE = 8 * MIB;
  const canMount = process.platform === 'linux' && process.getuid?.() === 0;
  if (!canMount) {
    console.warn('SKIPPED: full disk; needs root on Linux to mount a small tmpfs');
    it('needs root on Linux to mount a small tmpfs', () => expect(canMount).toBe(false));
    return;
  }

  let directory: string;
  let store: Store;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'storage-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', directory]);
    store = await openStore({ kind: 'filesystem', directory });
  });

  afterEach(async () => {
    execFileSync('umount', [directory]);
    await rm(directory, { recursive: true });
  });

  it('refuses a blob that does not fit and leaves nothing behind', async () => {
    await expectFailure(store.blobs.put(buildContent(3 * SIZE, 1).chunks(), {}), 'STORE_FULL');

    expect(await readdir(path.join(directory, 'staging'))).toEqual([]);
    await store.blobs.put(buildContent(SIZE / 2, 2).chunks(), {});
  });

  it('sets an upload back to where it stood before the chunk that does not fit', async () => {
    const content = buildContent(SIZE / 2, 3);
    await store.staging.create('id');
    await store.staging.append('id', 0, content.chunks(0, MIB));

    await expectFailure(store.staging.append('id', MIB, buildContent(3 * SIZE, 4).chunks()), 'STORE_FULL');

    expect(await store.staging.size('id')).toBe(MIB);
    await store.staging.append('id', MIB, content.chunks(MIB));
    await store.staging.commit('id', { digest: content.digest });
    expect((await store.blobs.verify(content.digest)).outcome).toBe('ok');
  });

  it('tells a full store from a source with the same error', async () => {
    const error = Object.assign(new Error('the disk of the source is full'), { code: 'ENOSPC' });

    await expect(store.blobs.put(breakingOff(buildContent(MIB, 5), 10, error), {})).rejects.toBe(error);
  });
});

async function createFixture(): Promise<StoreFixture> {
  const directory = await mkdtemp(path.join(tmpdir(), 'storage-'));
  return {
    open: async () => await openStore({ kind: 'filesystem', directory }),
    staged: async () => await readdir(path.join(directory, 'staging')),
    async damage(digest, change) {
      const file = path.join(directory, blobKey(parseDigest(digest)));
      await chmod(file, 0o644);
      await writeFile(file, change(await readFile(file)));
    },
    async dispose() {
      const open = await openFiles(directory);
      await rm(directory, { recursive: true });
      expect(open).toEqual([]);
    },
  };
}

/** Files below `directory` that this process holds open; none where the system cannot tell. */
async function openFiles(directory: string): Promise<string[]> {
  const descriptors = await readdir('/proc/self/fd').catch(() => []);
  const targets = await Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  return targets.filter((target) => target.startsWith(directory));
}

import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDataDirectory } from './data-dir-lock.js';

let directory: string;

async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '0']);
  await new Promise((resolve) => child.once('exit', resolve));
  return child.pid!;
}

describe('cli/up/data-dir-lock', () => {
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'envarium-lock-'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  it('refuses a second launcher, and names the first', async () => {
    const lock = await lockDataDirectory(directory, process.pid);

    await expect(lockDataDirectory(directory, process.ppid)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      detail: { problems: [expect.stringContaining(`process ${process.pid} (${lock})`)] },
    });
  });

  it('takes over the lock of a process that was killed', async () => {
    await writeFile(path.join(directory, 'up.lock'), JSON.stringify({ pid: await deadProcess(), startTime: null }));

    const lock = await lockDataDirectory(directory, process.pid);

    expect(JSON.parse(await readFile(lock, 'utf8'))).toMatchObject({ pid: process.pid });
    expect(await readdir(directory)).toEqual(['up.lock']);
  });

  it.runIf(process.platform === 'linux')('is not fooled by a later process of the same number', async () => {
    await writeFile(path.join(directory, 'up.lock'), JSON.stringify({ pid: process.pid, startTime: '1' }));

    const lock = await lockDataDirectory(directory, process.ppid);

    expect(JSON.parse(await readFile(lock, 'utf8'))).toMatchObject({ pid: process.ppid });
  });

  it('replaces a lock that was cut off while it was written', async () => {
    await writeFile(path.join(directory, 'up.lock'), '{"pi');

    await lockDataDirectory(directory, process.pid);

    expect(await readdir(directory)).toEqual(['up.lock']);
  });

  it('says so when the lock cannot be read, and does not try for ever', async () => {
    await mkdir(path.join(directory, 'up.lock'));

    await expect(lockDataDirectory(directory, process.pid)).rejects.toMatchObject({ code: 'EISDIR' });
  });

  it('lets exactly one of many launchers in when the lock is stale', async () => {
    const stale = JSON.stringify({ pid: await deadProcess(), startTime: null });
    // Two were let in now and then: once is not enough to tell.
    for (let round = 0; round < 30; round += 1) {
      await writeFile(path.join(directory, 'up.lock'), stale);

      const outcomes = await Promise.allSettled(
        Array.from({ length: 10 }, () => lockDataDirectory(directory, process.pid)),
      );

      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    }
    expect(await readdir(directory)).toEqual(['up.lock']);
  });

  it('takes over from a launcher that was killed while it took over', async () => {
    const stale = JSON.stringify({ pid: await deadProcess(), startTime: null });
    for (const name of ['up.lock', 'up.lock.removal', 'up.lock.removal.removal']) {
      await writeFile(path.join(directory, name), stale);
    }

    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, () => lockDataDirectory(directory, process.pid)),
    );

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await readdir(directory)).toEqual(['up.lock']);
  });
});

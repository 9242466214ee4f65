import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { found } from './leftovers.suite.js';
import { openExecutors } from './open-executors.js';
import { compiledDirectory } from './programs.js';

/** A process that runs a job which never ends. */
const WORKER = `
  const [compiled, directory] = process.argv.slice(1);
  const { openExecutors } = await import(compiled + '/open-executors.js');
  const { writeTinyImage } = await import(compiled + '/tiny-image.js');
  const { nativePlatform } = await import(compiled + '/platform.js');
  const image = await writeTinyImage(directory + '/base', ['sleep'], nativePlatform());
  const [executor] = await openExecutors({ scratch: directory });
  const { mkdirSync } = await import('node:fs');
  mkdirSync(directory + '/job');
  const limits = { wallSeconds: 600, memoryBytes: 2 ** 27, processes: 32, diskBytes: 2 ** 27, cpus: 1, logBytes: 2 ** 20 };
  const job = { directory: directory + '/job', image, command: 'echo begun; sleep 600', workingDirectory: null };
  await executor.run({ ...job, environment: {}, mounts: [], clock: { kind: 'host' }, limits },
    { line: (stream, text) => console.log(text) }, new AbortController().signal);
`;

const [executor] = await openExecutors({ scratch: tmpdir() });
const reason = executor === undefined ? 'no executor' : (await executor.probe()).reason;

describe('sandbox/killed-executor', () => {
  if (reason !== null) {
    it(`SKIPPED: ${reason}`, ({ skip }) => skip());
    return;
  }

  it('takes its job with it when it is killed', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'envarium-executor-killed-'));
    const worker = spawn(process.execPath, ['--input-type=module', '-e', WORKER, compiledDirectory(), directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: worker.stdout });
    for await (const line of lines) if (line === 'begun') break;
    worker.kill('SIGKILL');
    await once(worker, 'exit');

    const isGroup = (name: string): boolean => name.startsWith('/sys/fs/cgroup/');
    await expect.poll(async () => (await found()).filter((name) => !isGroup(name))).toEqual([]);
    // Its control groups stay for a day with nothing in them. Those of other jobs are not empty for so long.
    const left = new Set(await found());
    await sleep(1000);
    const groups = (await found()).filter((name) => left.has(name) && isGroup(name));
    for (const group of groups.toSorted((a, b) => b.length - a.length)) rmdirSync(group);
    await rm(directory, { recursive: true, force: true });
  });
});

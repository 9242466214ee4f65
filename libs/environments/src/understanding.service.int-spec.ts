import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { UnderstandingService } from './understanding.service.js';

const PIP = Array.from({ length: 5000 }, (_, i) => `package-${i}==1.${i}\n`).join('');

/** Answers as the real one would, but for a file named `endless`, `greedy` or `broken`. */
const WORKER = `
import { parentPort } from 'node:worker_threads';
parentPort.on('message', (files) => {
  const names = files.map(({ path }) => path);
  if (names.includes('endless')) for (;;);
  if (names.includes('greedy')) { const held = []; for (;;) held.push(new Array(1e5).fill({})); }
  if (names.includes('broken')) throw new Error('broken');
  parentPort.postMessage({
    files: names.map((path) => ({ path, format: 'test', packageCount: names.length, message: null, line: null, secrets: [] })),
    environment: null,
    hardware: null,
  });
});
`;

describe('environments/understanding.service', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'envarium-worker-'));
  const entry = path.join(directory, 'worker.mjs');
  writeFileSync(entry, WORKER);
  const services: UnderstandingService[] = [];
  const service = (options: ConstructorParameters<typeof UnderstandingService>[0] = {}): UnderstandingService => {
    const made = new UnderstandingService(options);
    services.push(made);
    return made;
  };
  const large = (...names: string[]) => names.map((name) => ({ path: name, bytes: Buffer.alloc(20_000) }));

  afterEach(async () => {
    for (const each of services.splice(0)) await each.onApplicationShutdown();
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('reads small files at once', async () => {
    const file = { path: 'requirements.txt', bytes: Buffer.from('numpy==1.26.4\n') };

    const { files } = await service({ entry: '/nowhere/worker.mjs' }).understand([file]);

    expect(files).toMatchObject([{ format: 'pip-requirements', packageCount: 1 }]);
  });

  it('reads large files in another thread, with the same result', async () => {
    let turns = 0;
    const turning = setInterval(() => (turns += 1), 1);

    const { files, environment } = await service().understand([{ path: 'requirements.txt', bytes: Buffer.from(PIP) }]);

    clearInterval(turning);
    expect(files).toMatchObject([{ format: 'pip-requirements', packageCount: 5000 }]);
    expect(environment?.scopes[0]?.packages).toHaveLength(5000);
    expect(turns).toBeGreaterThan(0);
  });

  it.each(['endless', 'greedy', 'broken'])('keeps what is beside a file that is %s', async (name) => {
    const { files } = await service({ entry, timeoutMs: 5000 }).understand(large('a', name, 'b'));

    expect(files.map(({ path: file, format, packageCount }) => [file, format, packageCount])).toEqual([
      ['a', 'test', 2],
      [name, null, 0],
      ['b', 'test', 2],
    ]);
    expect(files[1]?.message).toMatch(/more time or memory/);
  });

  it('answers more questions than it has threads, and goes on after one was lost', async () => {
    const understanding = service({ entry, timeoutMs: 20_000 });
    await understanding.understand(large('broken'));

    const answers = await Promise.all(Array.from({ length: 7 }, (_, i) => understanding.understand(large(`f${i}`))));

    expect(answers.map(({ files }) => files[0]?.path)).toEqual(['f0', 'f1', 'f2', 'f3', 'f4', 'f5', 'f6']);
  });
});

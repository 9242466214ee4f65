import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fuzzCase } from './fuzz/cases.js';
import { readers } from './fuzz/readers.js';
import { WatchedProcess } from './fuzz/watched-process.js';

const folder = mkdtempSync(path.join(tmpdir(), 'envarium-fuzz-'));
const samples = [
  { path: 'a.txt', bytes: Buffer.from('numpy==1.26.4\nscipy==1.11.0\n') },
  { path: 'b.txt', bytes: Buffer.from('{"a": [1, 2]}\n') },
];

afterAll(() => rmSync(folder, { recursive: true }));

describe('fuzz/cases', () => {
  it('makes the same case of the same seed and number, and others of others', () => {
    const digests = (seed: number): string[] =>
      Array.from({ length: 40 }, (_, index) => fuzzCase(seed, index, samples).bytes.toString('base64'));

    expect(digests(7)).toEqual(digests(7));
    expect(digests(8)).not.toEqual(digests(7));
    expect(new Set(digests(7)).size).toBeGreaterThan(35);
  });

  it('makes noise where there is no sample', () => {
    expect(fuzzCase(1, 3, []).path).toBe('noise');
  });
});

describe('fuzz/readers', () => {
  const reader = readers.find(({ id }) => id === 'pip-requirements');

  it.each([
    ['numpy==1.26.4\n', 'understood'],
    ['\0\0\0', 'refused'],
    ['Dear editor,\n', 'none'],
  ])('tells what is made of %j: %s', (content, reading) => {
    expect(reader?.read(Buffer.from(content), 'a.txt')).toBe(reading);
  });
});

describe('fuzz/watched-process', () => {
  const bounds = { milliseconds: 100, megabytes: 64, patience: 10_000 };
  const answer = '{ reading: "none", fault: null, milliseconds: 1, megabytes: 1 }';

  async function findingOf(program: string, patience = bounds.patience): Promise<string | null> {
    const file = path.join(folder, `${Math.random()}.mjs`);
    writeFileSync(file, `process.on('message', (request) => { ${program} });`);
    const watched = new WatchedProcess(file, { ...bounds, patience });
    const { finding } = await watched.run({ format: 'x', path: 'a', bytes: Buffer.from('a') });
    watched.stop();
    return finding?.kind ?? null;
  }

  it.each([
    ['an answer in time', `process.send(${answer})`, null],
    ['an end', 'process.exit(3)', 'crash'],
    ['a full heap', 'const all = []; for (;;) all.push(new Array(1000).fill(all.length))', 'crash'],
    ['an error', `process.send({ ...${answer}, fault: 'TypeError' })`, 'fault'],
    ['much work', `process.send({ ...${answer}, milliseconds: 101 })`, 'slow'],
    ['much memory', `process.send({ ...${answer}, megabytes: 65 })`, 'memory'],
  ])('finds %s', async (_, program, kind) => {
    expect(await findingOf(program)).toBe(kind);
  });

  it('finds that no answer comes', async () => {
    expect(await findingOf('for (;;);', 500)).toBe('hang');
  });

  it('asks a fresh process before it believes what is over a bound, and goes on after an end', async () => {
    const file = path.join(folder, 'second.mjs');
    const mark = path.join(folder, 'mark');
    writeFileSync(
      file,
      `import { existsSync, writeFileSync } from 'node:fs';
       process.on('message', () => {
         if (existsSync(${JSON.stringify(mark)})) return process.send(${answer});
         writeFileSync(${JSON.stringify(mark)}, '');
         process.exit(1);
       });`,
    );
    const watched = new WatchedProcess(file, bounds);
    const request = { format: 'x', path: 'a', bytes: Buffer.from('a') };

    expect((await watched.run(request)).finding).toBeNull();
    expect((await watched.run(request)).finding).toBeNull();
    watched.stop();
  });
});

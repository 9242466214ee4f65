import { mkdir, mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { digestOf } from '@envarium/oci';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordRun } from './record-run.js';

const NOBODY = { user: null, home: null, host: null };

describe('cli/capture/record-run', () => {
  let directory: string;
  const file = (name: string): string => path.join(directory, name);
  const record = async (script: string, inputs: readonly string[] = []) =>
    await recordRun({
      command: ['sh', '-c', `cd "$0"; ${script}`, directory],
      directory,
      inputs,
      identity: NOBODY,
      isQuiet: true,
    });

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'envarium-run-'));
    await writeFile(file('data.csv'), '1,2\n');
    await writeFile(file('unused.csv'), '3,4\n');
    await mkdir(file('out'));
    await writeFile(file('out/old.txt'), 'old\n');
    // What is written within one tick of the kernel's clock bears the same time.
    await utimes(file('out/old.txt'), new Date('2026-01-02T03:04:05Z'), new Date('2026-01-02T03:04:05Z'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  it('notes what was read, what was written and what is gone, by digest', async () => {
    const run = await record('cat data.csv > out/figure.svg; echo new > out/old.txt; rm unused.csv');

    expect(run).toMatchObject({ exitCode: 0, signal: null, removed: ['unused.csv'], notes: [] });
    expect(run.inputs).toEqual([
      { name: 'data.csv', digest: digestOf(Buffer.from('1,2\n')), size: 4, learned: 'read' },
    ]);
    expect(run.outputs).toEqual([
      { name: 'out/figure.svg', digest: digestOf(Buffer.from('1,2\n')), size: 4 },
      { name: 'out/old.txt', digest: digestOf(Buffer.from('new\n')), size: 4 },
    ]);
  });

  it('sees a reading of a file that was read just before, and changes nothing else of it', async () => {
    await utimes(file('data.csv'), new Date('2026-01-02T03:04:05Z'), new Date('2020-01-01T00:00:00Z'));

    const { inputs } = await record('cat data.csv');

    expect(inputs.map(({ name }) => name)).toEqual(['data.csv']);
    expect((await stat(file('data.csv'))).mtime.toISOString()).toBe('2020-01-01T00:00:00.000Z');
  });

  it('takes inputs that are given as they were before the run, and names none twice', async () => {
    const run = await record('cat data.csv; echo 9 >> unused.csv', [file('data.csv'), file('unused.csv')]);

    expect(run.inputs.map(({ name, learned, size }) => [name, learned, size])).toEqual([
      ['data.csv', 'given', 4],
      ['unused.csv', 'given', 4],
    ]);
    expect(run.outputs.map(({ name, size }) => [name, size])).toEqual([['unused.csv', 6]]);
  });

  it('says that nothing was seen to be read', async () => {
    expect((await record('true')).notes).toEqual([
      'no file was seen to be read: the file system may not keep access times. Give inputs with --input',
    ]);
  });

  it.each([
    ['exit 3', { exitCode: 3, signal: null }],
    ['kill -9 $$', { exitCode: null, signal: 'SIGKILL' }],
  ])('notes how it ended: %s', async (script, end) => {
    expect(await record(script)).toMatchObject(end);
  });

  it('writes the command as a shell reads it, without secrets', async () => {
    const run = await recordRun({
      command: ['true', "it's", 'a b', '*.csv', '--token', 's3cret'],
      directory,
      inputs: [],
      identity: NOBODY,
      isQuiet: true,
    });

    expect(run.command).toBe(`true 'it'\\''s' 'a b' '*.csv' --token '***'`);
    expect(JSON.stringify(run)).not.toContain('s3cret');
  });

  it('refuses a program that is not there', async () => {
    const request = { directory, inputs: [], identity: NOBODY, isQuiet: true };

    await expect(recordRun({ ...request, command: ['envarium-no-such-program'] })).rejects.toThrow(
      'envarium-no-such-program is not there',
    );
  });
});

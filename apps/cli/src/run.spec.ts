import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCaptureArchive } from './capture/capture-archive.js';
import { CaptureList } from './capture/capture-list.js';
import { runCli } from './run.js';

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(...args: string[]): Promise<Ran> {
  const stdout = new PassThrough({ encoding: 'utf8' });
  const stderr = new PassThrough({ encoding: 'utf8' });
  const code = await runCli(args, { stdout, stderr });
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

let directory: string;

describe('cli/run', () => {
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'envarium-cli-'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  it('prints help with the exit codes', async () => {
    const { code, stdout } = await run('--help');

    expect(code).toBe(0);
    expect(stdout).toMatch(/6 {2}verification failed/);
  });

  it.each([
    ['an unknown command', ['depositt'], /unknown command 'depositt'/],
    ['a missing argument', ['publish'], /missing required argument 'version'/],
    ['a missing option', ['deposit', '.'], /required option '--record/],
    ['a role that is none', ['link', 'a@v1', '--article', 'x', '--output', 'y', '--role', 'king'], /Allowed choices/],
    ['a record that is no repository name', ['deposit', '.', '--record', 'Lab/EEG'], /invalid repository name/],
    [
      'an image source that is none',
      ['deposit', '.', '--record', 'lab/eeg', '--image', 'eeg.tar'],
      /names no image source/,
    ],
    ['two questions at once', ['what-ran', '10.5555/1', '--file', 'x'], /say what to look for/],
  ])('ends with 2 for %s', async (_, args, message) => {
    const { code, stdout, stderr } = await run(...args);

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it('ends with 5 when no server is there, and prints one document with --json', async () => {
    const { code, stdout, stderr } = await run('show', 'lab/eeg@v1', '--server', 'http://127.0.0.1:9', '--json');

    expect(code).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({ error: { exitCode: 5, code: 'SERVER_UNREACHABLE' } });
    expect(stderr).toMatch(/nothing is listening at http:\/\/127.0.0.1:9/);
  });

  it('captures package files and this machine, and again without a trace of the first time', async () => {
    await writeFile(path.join(directory, 'requirements.txt'), 'numpy==2.0\n');
    await writeFile(path.join(directory, 'data.csv'), '1,2\n');

    await run('capture', directory);
    const { code, stdout } = await run('capture', directory, '--json');

    expect(code).toBe(0);
    const list = CaptureList.parse(JSON.parse(stdout));
    expect(list.files[0]).toEqual({
      path: 'requirements.txt',
      digest: 'sha256:4e6648d7d85857bfc096a531dd6dcd0f7423b987d7a61e232eee8ac7deff0b96',
      size: 11,
      source: null,
      redacted: 0,
      original: null,
    });
    expect(list.others).toEqual({ count: 1, examples: ['data.csv'] });
    const { content } = await openCaptureArchive(path.join(directory, '.envarium-capture.tar'));
    const chunks: Uint8Array[] = [];
    for await (const chunk of content('requirements.txt')) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('numpy==2.0\n');
  });

  it('keeps the reports of the machine apart from a directory of the same name', async () => {
    await mkdir(path.join(directory, 'machine'));
    await writeFile(path.join(directory, 'machine/lscpu.txt'), 'Architecture: x86_64\n');

    const { stdout } = await run('capture', directory, '--json');

    const { files } = CaptureList.parse(JSON.parse(stdout));
    expect(files[0]).toMatchObject({ path: 'machine/lscpu.txt', source: null });
    expect(files.slice(1).every((file) => file.path.startsWith('machine-2/'))).toBe(true);
  });

  it('never replaces a directory', async () => {
    const target = path.join(directory, 'thesis');
    await mkdir(target);
    await writeFile(path.join(target, 'chapter1.tex'), 'x');

    const { code, stderr } = await run('capture', directory, '--out', target);

    expect(code).toBe(2);
    expect(stderr).toMatch(/thesis is there, and no capture/);
    expect(await readFile(path.join(target, 'chapter1.tex'), 'utf8')).toBe('x');
  });
});

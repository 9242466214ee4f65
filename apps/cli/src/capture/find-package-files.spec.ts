import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findPackageFiles, LIMITS } from './find-package-files.js';
import { isPackageFileName } from './package-file-names.js';

let root: string;

async function write(inside: string, content = 'x\n'): Promise<void> {
  const file = path.join(root, inside);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
}

const find = (limits = {}) => findPackageFiles(root, isPackageFileName, { ...LIMITS, ...limits });
const pathsOf = ({ files }: { files: readonly { path: string }[] }) => files.map((file) => file.path);

describe('cli/capture/find-package-files', () => {
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'envarium-find-'));
  });
  afterEach(async () => {
    await rm(root, { recursive: true });
  });

  it('finds package files by the names of the formats, and counts the rest', async () => {
    await write('environment.yml');
    await write('code/Dockerfile');
    await write('renv.lock');
    await write('lscpu.txt');
    await write('data.csv');
    await write('code/plot.py');

    const found = await find();

    expect(pathsOf(found)).toEqual(['code/Dockerfile', 'environment.yml', 'lscpu.txt', 'renv.lock']);
    expect(found.others).toEqual({ count: 2, examples: ['code/plot.py', 'data.csv'] });
  });

  it('leaves out what tools have installed, whatever the directory is called', async () => {
    await write('requirements.txt');
    await write('node_modules/a/package-lock.json');
    await write('.git/requirements.txt');
    await write('renv/library/requirements.txt');
    await write('my-env/pyvenv.cfg');
    await write('my-env/requirements.txt');
    await write('conda-env/conda-meta/history');
    await write('conda-env/requirements.txt');

    const found = await find();

    expect(pathsOf(found)).toEqual(['requirements.txt']);
    expect(found.skipped).toEqual([
      { path: 'conda-env', reason: 'an installed environment' },
      { path: 'my-env', reason: 'an installed environment' },
    ]);
  });

  it('stops at its limits, and says so', async () => {
    await write('a/b/requirements.txt');
    await write('large/requirements.txt', 'x'.repeat(100));

    const found = await find({ depth: 1, fileBytes: 50 });

    expect(pathsOf(found)).toEqual([]);
    expect(found.skipped).toEqual([
      { path: 'a/b', reason: 'deeper than 1 directories' },
      { path: 'large/requirements.txt', reason: 'larger than 50 bytes' },
    ]);
    expect((await find({ entries: 1 })).skipped.at(-1)?.reason).toMatch(/more than 1 entries/);
  });

  it('follows a link to a file inside, never one that leads out', async () => {
    await write('pinned/requirements-2026.txt', 'numpy==2.0\n');
    await symlink('pinned/requirements-2026.txt', path.join(root, 'requirements.txt'));
    await symlink('/etc/hostname', path.join(root, 'environment.yml'));

    const found = await find();

    expect(pathsOf(found)).toEqual(['pinned/requirements-2026.txt', 'requirements.txt']);
    expect(found.skipped).toEqual([{ path: 'environment.yml', reason: 'a link out of the directory' }]);
  });
});

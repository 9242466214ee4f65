import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findContainer } from './container.js';

const VARIABLES = ['APPTAINER_CONTAINER', 'SINGULARITY_CONTAINER', 'KUBERNETES_SERVICE_HOST'] as const;

describe('cli/capture/container', () => {
  let root: string;
  const before = new Map<string, string | undefined>();

  beforeEach(async () => {
    root = `${await mkdtemp(path.join(tmpdir(), 'envarium-root-'))}/`;
    for (const name of VARIABLES) {
      before.set(name, process.env[name]);
      delete process.env[name];
    }
  });
  afterEach(async () => {
    for (const [name, value] of before) if (value !== undefined) process.env[name] = value;
    await rm(root, { recursive: true });
  });

  it('knows the marks of the engines', async () => {
    expect(await findContainer(root)).toBeNull();
    await writeFile(path.join(root, '.dockerenv'), '');
    expect(await findContainer(root)).toEqual({ engine: 'docker', image: null });
    await mkdir(path.join(root, 'run'));
    await writeFile(path.join(root, 'run/.containerenv'), 'engine="podman-4.3"\nimage="registry.example.org/eeg:1"\n');
    expect(await findContainer(root)).toEqual({ engine: 'podman', image: 'registry.example.org/eeg:1' });
  });

  it('keeps the name of an image file, not the path to it', async () => {
    process.env['APPTAINER_CONTAINER'] = '/home/ada/images/eeg.sif';

    expect(await findContainer(root)).toEqual({ engine: 'apptainer', image: 'eeg.sif' });
    delete process.env['APPTAINER_CONTAINER'];
  });
});

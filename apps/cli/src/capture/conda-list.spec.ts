import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readEnvironmentFile } from '@envarium/formats';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listPrefix } from './conda-list.js';

const CHANNEL = 'https://conda.example.org/conda-forge';

describe('cli/capture/conda-list', () => {
  let prefix: string;
  beforeEach(async () => {
    prefix = await mkdtemp(path.join(tmpdir(), 'envarium-conda-'));
    await mkdir(path.join(prefix, 'conda-meta'));
  });
  afterEach(async () => {
    await rm(prefix, { recursive: true });
  });
  const note = async (name: string, content: object | string) => {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    await writeFile(path.join(prefix, 'conda-meta', name), text);
  };

  it('lists what is installed, as our own reader understands it', async () => {
    await note('zlib-1.3.1-h1_0.json', {
      url: `${CHANNEL}/linux-64/zlib-1.3.1-h1_0.conda`,
      md5: 'd'.repeat(32),
      sha256: 'a'.repeat(64),
      subdir: 'linux-64',
    });
    await note('tzdata-2025a-h2_0.json', { url: `${CHANNEL}/noarch/tzdata-2025a-h2_0.conda`, md5: 'c'.repeat(32) });
    await note('history', 'text');
    await note('odd-1-0.json', '{');

    const listed = await listPrefix(prefix);

    const text = listed.outcome === 'done' ? listed.stdout : '';
    expect(text).toContain('# not understood: conda-meta/odd-1-0.json\n');
    const reading = readEnvironmentFile(Buffer.from(text), 'conda-explicit.txt');
    const packages = reading.outcome === 'understood' ? reading.spec.packages : [];
    expect(packages.map(({ name, version, standing, hashes }) => [name, version, standing, hashes])).toEqual([
      ['tzdata', '2025a', 'observed', [`md5:${'c'.repeat(32)}`]],
      ['zlib', '1.3.1', 'observed', [`sha256:${'a'.repeat(64)}`]],
    ]);
  });

  it('says what is missing', async () => {
    expect(await listPrefix(path.join(prefix, 'nowhere'))).toMatchObject({ outcome: 'failed' });
    expect(await listPrefix(prefix)).toEqual({
      outcome: 'failed',
      reason: 'the active environment has no package of conda',
    });
  });
});

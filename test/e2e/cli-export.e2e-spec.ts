import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliSetting } from './cli-harness.js';

const HASH = 'a'.repeat(64);
const EXACT = `six==1.16.0 \\\n    --hash=sha256:${HASH}\n`;

describe('e2e/cli-export', () => {
  let setting: CliSetting;

  beforeAll(async () => {
    setting = await CliSetting.start();
    await setting.admin('namespace', 'create', 'lab');
    for (const [name, requirements] of [
      ['exact', EXACT],
      ['loose', 'numpy>=1.20\nscipy==1.13.0\n'],
    ] as const) {
      const directory = await setting.analysis(name, requirements);
      expect((await setting.admin('deposit', directory, '--record', `lab/${name}`)).code).toBe(0);
      expect((await setting.admin('publish', `lab/${name}@v1`)).code).toBe(0);
    }
  });
  afterAll(async () => {
    await setting.stop();
  });

  it('prints a lock file byte for byte, and nothing else', async () => {
    const { code, stdout, stderr } = await setting.anonymous('export', 'lab/exact@v1', '--format', 'pip');

    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe(`# From "requirements.txt". Install: pip install --require-hashes --no-deps -r FILE\n${EXACT}`);
  });

  it('writes a file, and one document with --json', async () => {
    const file = path.join(setting.work, 'sbom.cdx.json');
    const written = await setting.anonymous('export', 'lab/exact@v1', '--format', 'cyclonedx', '--output', file);
    const { document } = await setting.anonymous('export', 'lab/exact@v1', '--format', 'spdx', '--json');

    expect(written).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Written to .*sbom\.cdx\.json/) });
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ bomFormat: 'CycloneDX' });
    expect(JSON.parse(document.content)).toMatchObject({ spdxVersion: 'SPDX-2.3' });
  });

  it('says what keeps a lock file from being exact, by file and line', async () => {
    const { code, stdout, stderr } = await setting.anonymous('export', 'lab/loose@v1', '--format', 'pip');

    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('requirements.txt:1: numpy: no exact version');
    expect(stderr).toContain('requirements.txt:2: scipy 1.13.0: nothing that fixes its bytes');
  });

  it('takes the file that is named, and refuses formats it does not know', async () => {
    const directory = await setting.analysis('two', EXACT);
    await writeFile(path.join(directory, 'requirements-dev.txt'), EXACT.replace('six', 'wheel'));
    expect((await setting.admin('deposit', directory, '--record', 'lab/two')).code).toBe(0);
    const ask = async (...more: string[]) => await setting.admin('export', 'lab/two@v1', '--format', 'pip', ...more);

    expect((await ask()).stderr).toMatch(/choices:\n +- requirements-dev\.txt\n +- requirements\.txt/);
    expect((await ask('--file', 'requirements-dev.txt')).stdout).toContain('wheel==1.16.0');
    expect((await setting.admin('export', 'lab/two@v1', '--format', 'zip')).code).toBe(2);
  });
});

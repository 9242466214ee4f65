import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliSetting } from './cli-harness.js';

describe('e2e/cli-questions', () => {
  let setting: CliSetting;

  beforeAll(async () => {
    setting = await CliSetting.start();
    await setting.admin('namespace', 'create', 'lab');
    await setting.publish('lab/eeg', 'print(1)\n', '--title', 'EEG analysis');
    await setting.admin('link', 'lab/eeg@v1', '--article', '10.5555/story', '--output', 'Figure 3');
  });

  afterAll(async () => {
    await setting.stop();
  });

  it('lists what used a package in a range, with evidence and outputs', async () => {
    const { code, stdout } = await setting.anonymous('used-by', 'numpy', '>=2,<2.1', '--ecosystem', 'pypi');

    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'lab/eeg@v1  EEG analysis',
      '  used  2.0.1, locked in the language scope (requirements.txt:1)',
      '  made  Figure 3 of the article https://doi.org/10.5555/story',
      'numpy >=2,<2.1 (pypi, by the rules of PEP 440): 1 version of records used it.',
      'Environments that were not understood, or only partly, may hold it as well.',
      '',
    ]);
  });

  it('gives one document with --json', async () => {
    const { document } = await setting.anonymous('used-by', 'numpy', '<2', '--ecosystem', 'pypi', '--json');

    expect(document).toMatchObject({ items: [], next: null, summary: { uses: { count: 0, isAtLeast: false } } });
  });

  it('says how a range is written when it is not one', async () => {
    const { code, stderr } = await setting.anonymous('used-by', 'numpy', '^2', '--ecosystem', 'pypi');

    expect(code).not.toBe(0);
    expect(stderr).toContain('not a version range of this ecosystem');
    expect(stderr).toContain('>=1.21,<2');
  });

  it('finds what shares a lock file, given the file itself', async () => {
    const file = path.join(await setting.analysis('copy'), 'requirements.txt');

    const { code, stdout } = await setting.anonymous('shared-by', file);

    expect(code).toBe(0);
    expect(stdout.split('\n').slice(0, 2)).toEqual([
      'lab/eeg@v1  EEG analysis',
      '  shares  as package file requirements.txt',
    ]);
  });

  it('asks for something that the machine had', async () => {
    expect((await setting.anonymous('ran-on')).code).toBe(2);
    expect((await setting.anonymous('ran-on', '--gpu', 'A100')).stdout).toBe(
      'No version whose hardware report is known ran there.\n',
    );
  });
});

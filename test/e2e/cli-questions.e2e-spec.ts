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

  it('says what lies between two versions, in words and as JSON', async () => {
    await setting.admin('deposit', await setting.analysis('second', 'numpy==2.0.2\n'), '--record', 'lab/eeg');
    expect((await setting.admin('publish', 'lab/eeg@v2')).code).toBe(0);

    const { stdout } = await setting.anonymous('diff', 'lab/eeg@v1', 'lab/eeg@v2', '--packages');
    const { document } = await setting.anonymous('diff', 'lab/eeg@v1', 'lab/eeg@v2', '--json');

    expect(stdout.split('\n')).toEqual(
      expect.arrayContaining([
        'lab/eeg@v1 → lab/eeg@v2',
        '  1 package in another version: numpy (2.0.1 → 2.0.2).',
        'newer    language  pypi       numpy    2.0.1       2.0.2',
        'removed  language  pypi       scipy    1.14.0      -',
      ]),
    );
    expect(document).toMatchObject({ packageCounts: { equal: 0, added: 0, removed: 1, changed: 1 } });
  });

  it('compares a version with a directory and this machine, and with a capture', async () => {
    const here = await setting.analysis('here', 'numpy==2.1.0\nscipy==1.14.0\n');
    const capture = path.join(setting.work, 'capture');
    expect((await setting.anonymous('capture', here, '--out', capture)).code).toBe(0);

    for (const other of [['--here', here], [capture]]) {
      const { document } = await setting.anonymous('diff', 'lab/eeg@v1', ...other, '--json');
      const numpy = document.packages.find((each: { name: string }) => each.name === 'numpy');
      expect(numpy.to, other[0]).toContain('2.1.0');
      expect(document.from.name).toBe('lab/eeg@v1');
    }
  });

  it('wants one thing to compare with', async () => {
    expect((await setting.anonymous('diff', 'lab/eeg@v1')).code).toBe(2);
    expect((await setting.anonymous('diff', 'lab/eeg@v1', 'lab/eeg@v2', '--here')).code).toBe(2);
  });
});

import path from 'node:path';
import { ImageReadingService } from '@envarium/rebuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliSetting } from './cli-harness.js';
import type { RestClient } from './rest-client.js';
import { pushImageOf } from './server-harness.js';

const IMAGE_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';

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

  describe('of a version whose image was read', () => {
    const DIST_INFO = 'usr/local/lib/python3.11/site-packages';
    const image = (numpy: string) => ({
      'etc/os-release': 'PRETTY_NAME="Lab Linux 7"\nID=lab\nVERSION_ID="7"\n',
      [`${DIST_INFO}/numpy-${numpy}.dist-info/METADATA`]: `Name: numpy\nVersion: ${numpy}\n\n`,
      [`${DIST_INFO}/lab_sample-1.16.0.dist-info/METADATA`]: 'Name: lab-sample\nVersion: 1.16.0\n\n',
    });
    let author: RestClient;

    beforeAll(async () => {
      author = await setting.server.account('grace', { lab: 'owner' });
      await pushImageOf(author, 'lab/bare', 'work', image('1.26.4'));
      await author.publish('lab/bare', {}, { image: 'work' });
      const index = await Promise.all(
        (['amd64', 'arm64'] as const).map(async (architecture) => {
          const pushed = await pushImageOf(
            author,
            'lab/multi',
            architecture,
            image(architecture === 'amd64' ? '1.1' : '1.2'),
          );
          const { headers } = await author.get(`/v2/lab/multi/manifests/${pushed.digest}`).set('Accept', IMAGE_TYPE);
          const platform = { os: 'linux', architecture };
          return { mediaType: IMAGE_TYPE, digest: pushed.digest, size: Number(headers['content-length']), platform };
        }),
      );
      const manifest = JSON.stringify({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests: index });
      await author.pushManifest('lab/multi', 'work', INDEX_TYPE, manifest).expect(201);
      await author.publish('lab/multi', {}, { image: 'work' });
    });

    const here = async (version: string) => {
      const directory = await setting.analysis('image', 'numpy==2.1.0\nlab-sample==1.16.0\n');
      const { document } = await setting.anonymous('diff', version, '--here', directory, '--json');
      return document;
    };

    it('says that nothing is known as long as it was not read', async () => {
      expect((await here('lab/bare@v1')).from).toMatchObject({ hasEnvironment: false });
    });

    it('compares this machine with what the image has', async () => {
      await (await setting.server.resolver()).get(ImageReadingService, { strict: false }).drain();

      const { from, packages, systems } = await here('lab/bare@v1');

      expect(from).toMatchObject({ name: 'lab/bare@v1', hasEnvironment: true });
      const numpy = packages.find((each: { name: string }) => each.name === 'numpy');
      expect(numpy.from).toEqual(['1.26.4']);
      expect(packages.filter((each: { name: string; change: string }) => each.name === 'lab-sample')).toEqual([]);
      expect(systems).toContainEqual(
        expect.objectContaining({ what: 'operating system', scope: 'container', from: ['Lab Linux 7'] }),
      );
    });

    it('takes every image of an index, as the archive does itself', async () => {
      const { packages } = await here('lab/multi@v1');

      expect(packages.find((each: { name: string }) => each.name === 'numpy').from).toEqual(['1.1', '1.2']);
      const { document } = await setting.anonymous('diff', 'lab/multi@v1', 'lab/bare@v1', '--json');
      expect(document.packages.find((each: { name: string }) => each.name === 'numpy').from).toEqual(['1.1', '1.2']);
    });
  });

  it('wants one thing to compare with', async () => {
    expect((await setting.anonymous('diff', 'lab/eeg@v1')).code).toBe(2);
    expect((await setting.anonymous('diff', 'lab/eeg@v1', 'lab/eeg@v2', '--here')).code).toBe(2);
  });
});

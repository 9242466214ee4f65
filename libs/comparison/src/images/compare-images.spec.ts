import type { TarInput } from '@envarium/oci';
import { ImageComparison } from '@envarium/schema';
import { describe, expect, it } from 'vitest';
import { bytesOf, imageOfBuilt, listingOf, member, rawLayer, type TestSettings } from './__fixtures__/test-image.js';
import { compareImages } from './compare-images.js';
import { listFiles } from './list-files.js';
import { buildLayer } from '@envarium/oci';

const deb = (name: string, version: string): string =>
  `Package: ${name}\nStatus: install ok installed\nVersion: ${version}\n`;
const status = (...packages: string[]): TarInput => member('var/lib/dpkg/status', packages.join('\n'));
const wheel = (name: string, version: string): TarInput =>
  member(`usr/lib/python3/site-packages/${name}.dist-info/METADATA`, `Name: ${name}\nVersion: ${version}\n`);

async function compared(
  before: TarInput[],
  after: TarInput[],
  settings: { before?: TestSettings; after?: TestSettings } = {},
): Promise<ImageComparison> {
  const comparison = compareImages(
    await listingOf([before], settings.before),
    await listingOf([after], settings.after),
  );
  return ImageComparison.parse(comparison);
}

describe('comparison/images/compare-images', () => {
  it('0: the same image is identical', async () => {
    expect(await compared([member('a')], [member('a')])).toMatchObject({
      level: 0,
      grade: 'identical',
      noisePolicy: 'envarium-noise v1',
      summary: 'The same image: both have the same image manifest digest.',
      differences: [],
    });
  });

  it('1: the same layers under another date have the same content', async () => {
    const dates = { before: { created: '2024-01-01T00:00:00Z' }, after: { created: '2026-01-01T00:00:00Z' } };

    expect(await compared([member('a')], [member('a')], dates)).toMatchObject({
      level: 1,
      grade: 'same-content',
      summary: expect.stringContaining('the config differs only in what does not matter for running'),
    });
  });

  it('1: so have layers that are compressed differently', async () => {
    const built = await buildLayer([member('a')]);
    const { gunzipSync, gzipSync } = await import('node:zlib');
    const tar = gunzipSync(await bytesOf(built.content()));
    const [before, after] = await Promise.all(
      [built, rawLayer(tar, gzipSync(tar, { level: 1 }))].map(async (layer) => listFiles(await imageOfBuilt([layer]))),
    );

    expect(compareImages(before!, after!)).toMatchObject({
      level: 1,
      grade: 'same-content',
      summary: expect.stringContaining('only how the layers are compressed'),
    });
  });

  it('2: the same files in other layers are the same files', async () => {
    const before = await listingOf([[member('a'), member('b', 'old')], [member('b')]]);
    const after = await listingOf([[member('b'), member('a')]]);

    expect(compareImages(before, after)).toMatchObject({
      level: 2,
      grade: 'same-files',
      summary: 'Every file is the same, with its modification time.',
      differences: [],
    });
  });

  it('2: the same layers with another command are only the same files, and say so', async () => {
    const settings = {
      before: { config: { Cmd: ['python3', 'plot.py'], Env: ['OMP_NUM_THREADS=1', 'LANG=C'] } },
      after: { config: { Cmd: ['python3'], Env: ['OMP_NUM_THREADS=8', 'TZ=UTC'], User: 'jovyan' } },
    };

    expect(await compared([member('a')], [member('a')], settings)).toMatchObject({
      level: 2,
      grade: 'same-files',
      summary:
        'Every file is the same, with its modification time, but containers are started differently (5 settings).',
      configDifferences: [
        String.raw`the command was "[\"python3\",\"plot.py\"]" and is "[\"python3\"]"`,
        'the user was not set and is "jovyan"',
        'the variable LANG was "C" and is not set',
        'the variable OMP_NUM_THREADS was "1" and is "8"',
        'the variable TZ was not set and is "UTC"',
      ],
    });
  });

  it('3: other times alone are still the same files', async () => {
    expect(await compared([member('a', 'x', { mtime: 1 })], [member('a', 'x', { mtime: 2 })])).toMatchObject({
      level: 3,
      grade: 'same-files',
      summary: 'Every file is the same; 1 modification time differs.',
      differences: [{ name: 'modification-time', count: 1, paths: ['a'], isMaterial: false }],
    });
  });

  it('4: logs and caches are noise', async () => {
    const before = [member('a'), member('var/log/dpkg.log', 'monday'), member('run/')];
    const after = [member('a', 'a', { mtime: 5 }), member('var/log/dpkg.log', 'friday'), member('var/log/new', 'x')];

    expect(await compared(before, after)).toMatchObject({
      level: 4,
      grade: 'same-files-but-noise',
      summary: 'Every file is the same but for noise (logs: 2, mount-points: 1, 1 modification time differs).',
      differences: [
        { name: 'noise:logs', count: 2, paths: ['var/log/dpkg.log', 'var/log/new'], isMaterial: false },
        { name: 'modification-time', count: 1, paths: ['a'], isMaterial: false },
        { name: 'noise:mount-points', count: 1, paths: ['run'], isMaterial: false },
      ],
    });
  });

  it('5: other files with the same packages have the same packages', async () => {
    const packages = [status(deb('curl', '7.88'), deb('libc6', '2.36')), wheel('numpy', '1.26')];

    expect(await compared([...packages, member('plot.py', '1')], [...packages, member('plot.py', '2')])).toMatchObject({
      level: 5,
      grade: 'same-packages',
      summary: 'The same packages and versions (deb, pypi), but files differ (content: 1).',
      differences: [{ name: 'content', count: 1, paths: ['plot.py'], isMaterial: true }],
      packages: [],
    });
  });

  it('5: whether packages are the same does not hang on where they lie', async () => {
    const moved = { ...wheel('numpy', '1.26'), path: 'opt/lib/python3/site-packages/numpy.dist-info/METADATA' };

    expect(await compared([wheel('numpy', '1.26')], [moved])).toMatchObject({ level: 5, packages: [] });
  });

  it('6: the system alone is a part', async () => {
    const before = [status(deb('curl', '7.88')), wheel('numpy', '1.21.0'), wheel('scipy', '1.9')];
    const after = [status(deb('curl', '7.88')), wheel('numpy', '1.22.3'), wheel('pandas', '2.0')];

    expect(await compared(before, after)).toMatchObject({
      level: 6,
      grade: 'partial',
      summary:
        'The packages of deb are the same, those of pypi differ, and files differ (added: 2, removed: 2, content: 1).',
      packages: [
        { ecosystem: 'pypi', name: 'numpy', before: '1.21.0', after: '1.22.3', text: 'numpy 1.21.0 became 1.22.3' },
        { ecosystem: 'pypi', name: 'pandas', before: null, after: '2.0', text: 'pandas 2.0 was added' },
        { ecosystem: 'pypi', name: 'scipy', before: '1.9', after: null, text: 'scipy 1.9 is missing' },
      ],
    });
  });

  it('6: packages that nobody read are never said to be the same', async () => {
    const rpm = (text: string): TarInput => member('var/lib/rpm/rpmdb.sqlite', text);
    const same = await compared(
      [wheel('a', '1'), rpm('x'), member('b', '1')],
      [wheel('a', '1'), rpm('x'), member('b', '2')],
    );
    const other = await compared([wheel('a', '1'), rpm('x')], [wheel('a', '1'), rpm('y')]);

    expect(same.grade).toBe('same-packages');
    expect(other).toMatchObject({
      level: 6,
      grade: 'partial',
      summary:
        'The packages of pypi are the same, and files differ (content: 1). Packages in var/lib/rpm/rpmdb.sqlite could not be read.',
    });
  });

  it('7: other packages differ, and so does what has none', async () => {
    expect(await compared([status(deb('curl', '7.88'))], [member('sbin/init')])).toMatchObject({
      level: 7,
      grade: 'differs',
      summary: 'The images differ: 1 package and files differ (removed: 4, added: 2).',
      packages: [{ ecosystem: 'deb', name: 'curl', before: '7.88', after: null, text: 'curl 7.88 is missing' }],
    });
    expect(await compared([member('a', '1')], [member('a', '2')])).toMatchObject({ level: 7, grade: 'differs' });
  });

  it('pairs the versions of a package that is there more than once', async () => {
    const d3 = (at: string, version: string): TarInput =>
      member(`${at}node_modules/d3/package.json`, JSON.stringify({ name: 'd3', version }));

    const { packages } = await compared(
      [d3('', '7.0.0'), d3('a/', '5.0.0'), d3('b/', '5.0.0')],
      [d3('', '7.0.0'), d3('a/', '5.1.0'), d3('b/', '5.0.0'), d3('c/', '6.0.0')],
    );

    expect(packages.map(({ text }) => text)).toEqual(['d3 5.0.0 became 5.1.0', 'd3 6.0.0 was added']);
  });

  it('names every way in which files can differ', async () => {
    const link = (linkname: string): TarInput => member('link', '', { type: 'symlink', linkname });
    const before = [member('type'), member('content', '1'), member('mode'), member('owner'), link('a'), member('gone')];
    const after = [
      member('type/'),
      member('content', '2'),
      member('mode', 'mode', { mode: 0o600 }),
      member('owner', 'owner', { gid: 9 }),
      link('b'),
      member('new'),
    ];

    const { differences } = await compared(before, after);

    expect(differences.map(({ name, paths }) => `${name} ${paths.join()}`)).toEqual([
      'mode mode,type',
      'added new',
      'content content',
      'link link',
      'owner owner',
      'removed gone',
      'type type',
    ]);
  });

  it('lists no more differences of packages than fit into a statement, and says so', async () => {
    const many = Array.from({ length: 5001 }, (_, i) => deb(`p${i}`, '1'));

    const { packages, summary } = await compared([status(...many)], [member('a')]);

    expect(packages).toHaveLength(5000);
    expect(summary).toMatch(/Of 5001 differences of packages the first 5000 are listed\.$/);
  });

  it('counts all paths and shows the first ten', async () => {
    const files = Array.from({ length: 25 }, (_, i) => member(`f${String(i).padStart(2, '0')}`));

    const { differences } = await compared([member('z')], [member('z'), ...files]);

    expect(differences).toEqual([
      {
        name: 'added',
        count: 25,
        paths: ['f00', 'f01', 'f02', 'f03', 'f04', 'f05', 'f06', 'f07', 'f08', 'f09'],
        isMaterial: true,
      },
    ]);
  });
});

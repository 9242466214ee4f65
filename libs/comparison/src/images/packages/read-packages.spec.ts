import { describe, expect, it } from 'vitest';
import type { TarInput } from '@envarium/oci';
import { listingOf, member, type TestLayer } from '../__fixtures__/test-image.js';

async function packagesOf(...layers: TestLayer[]): Promise<string[]> {
  const { packages } = await listingOf(layers);
  return packages.map(({ ecosystem, name, version, path }) => `${ecosystem} ${name} ${version} ${path}`);
}

const installed = (name: string, version: string): string =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\nDescription: a\n Version: none\n`;

describe('comparison/images/packages', () => {
  it('reads what dpkg has installed, and not what it has removed', async () => {
    const removed = 'Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n';
    const status = [installed('libc6', '2.36-9+deb12u4'), removed, installed('curl', '7.88.1')].join('\n');

    expect(await packagesOf([member('var/lib/dpkg/status', status)])).toEqual([
      'deb curl 7.88.1 var/lib/dpkg/status',
      'deb libc6 2.36-9+deb12u4 var/lib/dpkg/status',
    ]);
  });

  it('reads images that have no dpkg of their own', async () => {
    const files = [
      member('var/lib/dpkg/status.d/tzdata', 'Package: tzdata\nVersion: 2024a\nArchitecture: all\n'),
      member('var/lib/dpkg/status.d/tzdata.md5sums', 'd41d8cd98f00b204e9800998ecf8427e  usr/share/zoneinfo/UTC\n'),
    ];

    expect(await packagesOf(files)).toEqual(['deb tzdata 2024a var/lib/dpkg/status.d/tzdata']);
  });

  it('reads apk, where the case of a letter matters', async () => {
    const database = 'C:Q1abc=\nP:musl\nV:1.2.4-r2\np:so:libc.musl=1\n\nP:zlib\nV:1.3\n\n';

    expect(await packagesOf([member('lib/apk/db/installed', database)])).toEqual([
      'apk musl 1.2.4-r2 lib/apk/db/installed',
      'apk zlib 1.3 lib/apk/db/installed',
    ]);
  });

  it('reads Python packages by their metadata, under one spelling of the name', async () => {
    const site = 'opt/env/lib/python3.11/site-packages';
    const long = `Metadata-Version: 2.1\nName: Zope.Interface\nVersion: 6.0\n\n${'Version: 7.0\n'.repeat(9000)}`;

    expect(
      await packagesOf([
        member(`${site}/zope.interface-6.0.dist-info/METADATA`, long),
        member(`${site}/setuptools/_vendor/wheel-0.4.dist-info/METADATA`, 'Name: wheel\nVersion: 0.4\n'),
        member('usr/lib/python3/dist-packages/six-1.16.egg-info', 'Name: six\r\nVersion: 1.16\r\n\r\n'),
        member('usr/lib/python3/dist-packages/old.egg-info/PKG-INFO', 'Name: old_one\nVersion: 2\n'),
      ]),
    ).toEqual([
      'pypi old-one 2 usr/lib/python3/dist-packages/old.egg-info/PKG-INFO',
      'pypi six 1.16 usr/lib/python3/dist-packages/six-1.16.egg-info',
      `pypi zope-interface 6.0 ${site}/zope.interface-6.0.dist-info/METADATA`,
    ]);
  });

  it('keeps how a Python package writes its name', async () => {
    const { packages } = await listingOf([
      [
        member(
          'usr/lib/python3/dist-packages/zope.interface-6.0.dist-info/METADATA',
          'Name: Zope.Interface\nVersion: 6\n',
        ),
      ],
    ]);

    expect(packages).toMatchObject([{ name: 'zope-interface', writtenName: 'Zope.Interface', version: '6' }]);
  });

  it('reads npm packages in every node_modules, and not the folders inside a package', async () => {
    const json = (name: string, version: string): string => JSON.stringify({ name, version });

    expect(
      await packagesOf([
        member('app/package.json', json('app', '0.0.1')),
        member('app/node_modules/d3/package.json', json('d3', '7.9.0')),
        member('app/node_modules/d3/dist/package.json', json('inner', '1.0.0')),
        member('app/node_modules/@scope/a/package.json', json('@scope/a', '1.0.0')),
        member('app/node_modules/@scope/a/node_modules/d3/package.json', json('d3', '5.0.0')),
        member('app/node_modules/esm/package.json', '{"type":"module"}'),
      ]),
    ).toEqual([
      'npm @scope/a 1.0.0 app/node_modules/@scope/a/package.json',
      'npm d3 5.0.0 app/node_modules/@scope/a/node_modules/d3/package.json',
      'npm d3 7.9.0 app/node_modules/d3/package.json',
    ]);
  });

  it('reads the channel and the checksum of conda packages, without the token of a channel', async () => {
    const sha256 = 'ab'.repeat(32);
    const record = (channel: string): string =>
      JSON.stringify({
        build: 'py311_0',
        channel,
        files: ['bin/x'],
        name: 'NumPy',
        sha256,
        subdir: 'linux-64',
        version: '1.26.4',
      });
    const files = [
      'https://conda.example.org/t/xy-secret/conda-forge/linux-64',
      'https://ada:hunter2@conda.example.org/conda-forge',
      'conda-forge',
    ].map((channel, i) => member(`env${i}/conda-meta/numpy-1.26.4-py311_0.json`, record(channel)));

    const { packages } = await listingOf([files]);

    expect(packages.map(({ name, qualifiers }) => [name, qualifiers])).toEqual(
      Array.from({ length: 3 }, () => [
        'NumPy',
        { build: 'py311_0', channel: 'conda-forge', checksum: `sha256:${sha256}`, subdir: 'linux-64' },
      ]),
    );
  });

  it('reads R packages that were installed, and conda packages by the name of their file where it must', async () => {
    expect(
      await packagesOf([
        member('usr/lib/R/site-library/ggplot2/DESCRIPTION', 'Package: ggplot2\nVersion: 3.5.1\nBuilt: R 4.2.2\n'),
        member('srv/library/source/DESCRIPTION', 'Package: source\nVersion: 1\n'),
        member('opt/conda/conda-meta/scikit-learn-1.3.0-py311h_0.json', '{'),
        member('opt/conda/conda-meta/history', ''),
        member('opt/conda/conda-meta/linked-1.0-0.json', '', { type: 'symlink', linkname: 'history' }),
      ]),
    ).toEqual([
      'conda scikit-learn 1.3.0 opt/conda/conda-meta/scikit-learn-1.3.0-py311h_0.json',
      'cran ggplot2 3.5.1 usr/lib/R/site-library/ggplot2/DESCRIPTION',
    ]);
  });

  it('finds packages that are hard links to a cache, and says where it cannot tell', async () => {
    const hard = (path: string, linkname: string): TarInput => member(path, '', { type: 'hardlink', linkname });
    const cached = 'root/.cache/uv/archive-v0/x1/numpy-1.26.dist-info/METADATA';
    const { packages, unreadPackages } = await listingOf([
      [
        member(cached, 'Name: numpy\nVersion: 1.26\n'),
        hard('app/lib/python3/site-packages/numpy-1.26.dist-info/METADATA', cached),
        member('root/.local/share/pnpm/store/v3/files/ab/cdef', '{"name":"d3","version":"7.0.0"}'),
        hard('app/node_modules/d3/package.json', 'root/.local/share/pnpm/store/v3/files/ab/cdef'),
      ],
    ]);

    expect(packages).toEqual([
      {
        ecosystem: 'pypi',
        name: 'numpy',
        version: '1.26',
        path: 'app/lib/python3/site-packages/numpy-1.26.dist-info/METADATA',
      },
    ]);
    expect(unreadPackages).toEqual([{ path: 'app/node_modules/d3/package.json', reason: 'hard-link' }]);
  });

  it('believes the last layer only', async () => {
    expect(
      await packagesOf(
        [
          member('var/lib/dpkg/status', installed('a', '1')),
          member('usr/lib/R/library/x/DESCRIPTION', 'Package: x\nVersion: 1\nBuilt: y\n'),
        ],
        [member('var/lib/dpkg/status', installed('a', '2')), member('usr/lib/R/library/.wh.x', '')],
      ),
    ).toEqual(['deb a 2 var/lib/dpkg/status']);
  });

  it('names the places that it could not read', async () => {
    const { packages, unreadPackages } = await listingOf([
      [
        member('app/node_modules/broken/package.json', '{"name":'),
        member('app/node_modules/huge/package.json', ' '.repeat(1024 * 1024 + 1)),
        member('var/lib/dpkg/status', 'Package: two words\nStatus: install ok installed\nVersion: 1\n'),
        member('usr/lib/sysimage/rpm/rpmdb.sqlite', 'SQLite format 3'),
        member('usr/lib/sysimage/rpm/rpmdb.sqlite-wal', 'pages to come'),
        member('var/lib/rpm/Packages', 'hash'),
      ],
    ]);

    expect(packages).toEqual([]);
    expect(unreadPackages).toEqual([
      { path: 'app/node_modules/broken/package.json', reason: 'not-understood' },
      { path: 'app/node_modules/huge/package.json', reason: 'too-large' },
      {
        path: 'usr/lib/sysimage/rpm/rpmdb.sqlite',
        reason: 'not-understood',
        because: 'it is no SQLite database with a table of packages',
      },
      { path: 'usr/lib/sysimage/rpm/rpmdb.sqlite-wal', reason: 'rpm-database' },
      { path: 'var/lib/dpkg/status', reason: 'not-understood' },
      {
        path: 'var/lib/rpm/Packages',
        reason: 'other-database',
        because: 'rpm reads usr/lib/sysimage/rpm/rpmdb.sqlite',
      },
    ]);
  });
});

import type { ImagePackage } from '@envarium/comparison';
import { canonicalJson, EnvironmentManifest } from '@envarium/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assembleImageEnvironment, type ImageFacts } from './image-environment.js';

const pkg = (ecosystem: string, name: string, path: string, more: Partial<ImagePackage> = {}): ImagePackage => ({
  ecosystem,
  name,
  version: '1.0',
  path,
  ...more,
});

const PACKAGES = [
  pkg('deb', 'zlib1g', 'var/lib/dpkg/status', { version: '1:1.2.13', qualifiers: { arch: 'amd64' } }),
  pkg('conda', 'numpy', 'opt/conda/conda-meta/numpy-1.0-py311_0.json', {
    qualifiers: { build: 'py311_0', channel: 'conda-forge', checksum: 'md5:00', subdir: 'linux-64' },
  }),
  pkg('pypi', 'torch', 'opt/conda/lib/python3.11/site-packages/torch-1.0.dist-info/METADATA'),
  pkg('cran', 'base', 'opt/conda/lib/R/library/base/DESCRIPTION', { version: '4.3.1' }),
  pkg('pypi', 'six', 'usr/lib/python3/dist-packages/six-1.0.egg-info'),
  pkg('npm', '@a/b', 'app/node_modules/x/node_modules/@a/b/package.json'),
  pkg('julia', 'JSON', 'root/.julia/packages/JSON/93Ea8/Project.toml', {
    qualifiers: { uuid: '682c06a0-de6a-54ab-a142-c8b1cf79cde6' },
  }),
  pkg('julia', 'JSON', 'root/.julia/environments/v1.9/Manifest.toml', {
    qualifiers: { uuid: '682c06a0-de6a-54ab-a142-c8b1cf79cde6' },
  }),
];

const FACTS: ImageFacts = {
  packages: PACKAGES,
  unreadPackages: [{ path: 'var/lib/rpm/Packages', reason: 'not-understood', because: 'page 3 is named twice' }],
  systems: [{ id: 'debian', versionId: '12', name: 'Debian GNU/Linux 12', path: 'usr/lib/os-release' }],
  runtimes: [
    { name: 'python', version: '3.11.4', path: 'opt/conda/include/python3.11/patchlevel.h' },
    { name: 'go', version: '1.22.1', path: 'usr/local/go/VERSION' },
  ],
  runConfig: {
    architecture: 'amd64',
    os: 'linux',
    variant: '',
    env: [
      ['API_TOKEN', 'n0tF0rY0urEyes'],
      ['LANG', 'C.UTF-8'],
    ],
    entrypoint: [],
    cmd: [],
    user: '',
    workingDir: '/',
    volumes: [],
  },
};

describe('environments/image-environment', () => {
  it('nests language environments by the folders they live in', () => {
    const { scopes } = assembleImageEnvironment(FACTS);

    expect(
      scopes.map(({ kind, path, within, packages }) => [kind, path, within, packages.map(({ name }) => name)]),
    ).toEqual([
      ['container', undefined, undefined, ['zlib1g']],
      ['language', '/app', 0, ['@a/b']],
      ['language', '/opt/conda', 0, ['numpy', 'torch']],
      ['language', '/opt/conda/lib/R/library', 2, ['base']],
      ['language', '/root/.julia', 0, ['JSON']],
      ['language', '/usr', 0, ['six']],
    ]);
  });

  it('gives interpreters to the environment that they are installed in', () => {
    const { scopes } = assembleImageEnvironment(FACTS);

    expect(scopes.flatMap(({ path, runtimes }) => runtimes.map(({ name, version }) => [path, name, version]))).toEqual([
      ['/opt/conda', 'python', '3.11.4'],
      ['/opt/conda/lib/R/library', 'r', '4.3.1'],
      ['/usr', 'go', '1.22.1'],
    ]);
  });

  it('names packages as their ecosystems do', () => {
    const packages = assembleImageEnvironment(FACTS).scopes.flatMap((scope) => scope.packages);

    expect(packages.map(({ purl, build }) => [purl, build])).toEqual([
      ['pkg:deb/debian/zlib1g@1:1.2.13?arch=amd64&distro=debian-12', null],
      ['pkg:npm/%40a/b@1.0', null],
      ['pkg:conda/numpy@1.0?build=py311_0&channel=conda-forge&subdir=linux-64', 'py311_0'],
      ['pkg:pypi/torch@1.0', null],
      ['pkg:cran/base@4.3.1', null],
      ['pkg:julia/JSON@1.0?uuid=682c06a0-de6a-54ab-a142-c8b1cf79cde6', null],
      ['pkg:pypi/six@1.0', null],
    ]);
    expect(packages[2]).toMatchObject({ hashes: ['md5:00'], source: 'conda-forge' });
    expect(packages.every(({ standing }) => standing === 'observed')).toBe(true);
  });

  it('puts the epoch of an rpm where its purl has it', () => {
    const facts = {
      ...FACTS,
      systems: [{ id: 'fedora', versionId: '39', name: null, path: 'etc/os-release' }],
      packages: [
        pkg('rpm', 'bash', 'var/lib/rpm/rpmdb.sqlite', { version: '2:5.2-1', qualifiers: { arch: 'x86_64' } }),
      ],
    };

    expect(assembleImageEnvironment(facts).scopes[0]?.packages[0]).toMatchObject({
      version: '2:5.2-1',
      purl: 'pkg:rpm/fedora/bash@5.2-1?arch=x86_64&epoch=2',
    });
  });

  it('says what was looked for, what could not be read, and keeps secrets to itself', () => {
    const manifest = assembleImageEnvironment(FACTS);

    expect(manifest.lookedFor).toEqual(['apk', 'conda', 'cran', 'deb', 'julia', 'npm', 'pypi', 'rpm']);
    expect(manifest.notUnderstood).toEqual([
      {
        evidence: { file: '/var/lib/rpm/Packages', line: null },
        reason: 'syntax-invalid',
        message: 'it should say which packages are installed, and is not understood: page 3 is named twice',
      },
    ]);
    expect(manifest.scopes[0]?.variables).toEqual([{ name: 'LANG', value: 'C.UTF-8', evidence: [] }]);
    expect(manifest.scopes[0]?.operatingSystem).toMatchObject({ id: 'debian', versionId: '12' });
    expect(JSON.stringify(manifest)).not.toContain('n0tF0rY0urEyes');
  });

  it('keeps the base image that the image names', () => {
    const annotations = {
      'org.opencontainers.image.base.name': 'docker.example.org/debian:12',
      'org.opencontainers.image.base.digest': `sha256:${'a'.repeat(64)}`,
    };

    expect(assembleImageEnvironment(FACTS, annotations).baseImages).toMatchObject([
      { reference: 'docker.example.org/debian:12', digest: `sha256:${'a'.repeat(64)}` },
    ]);
  });

  it('has the same bytes whatever the order in which things were found', () => {
    const expected = canonicalJson(EnvironmentManifest.parse(assembleImageEnvironment(FACTS))).toString();

    fc.assert(
      fc.property(
        fc.shuffledSubarray([...FACTS.packages], { minLength: FACTS.packages.length }),
        fc.shuffledSubarray([...FACTS.runtimes], { minLength: FACTS.runtimes.length }),
        (packages, runtimes) => {
          expect(canonicalJson(assembleImageEnvironment({ ...FACTS, packages, runtimes })).toString()).toBe(expected);
        },
      ),
    );
  });
});

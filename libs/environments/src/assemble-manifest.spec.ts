import type { EnvironmentSpec, SeenContainer, SpecPackage } from '@envarium/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assembleManifest, countEcosystems, type FileSpec } from './assemble-manifest.js';

function spec(more: Partial<EnvironmentSpec>): EnvironmentSpec {
  return {
    format: 'pip-requirements',
    scope: 'language',
    packages: [],
    runtimes: [],
    baseImages: [],
    variables: [],
    sources: [],
    references: [],
    problems: [],
    secrets: [],
    ...more,
  };
}

function pkg(name: string, version: string | null, line: number, more: Partial<SpecPackage> = {}): SpecPackage {
  return {
    ecosystem: 'pypi',
    name,
    normalizedName: name,
    version,
    specifier: version === null ? '>=1' : null,
    build: null,
    standing: 'locked',
    purl: null,
    hashes: [],
    source: null,
    marker: null,
    group: null,
    line,
    skipReason: null,
    ...more,
  };
}

const A: FileSpec = { path: 'a.txt', spec: spec({ packages: [pkg('numpy', '1.26.4', 3), pkg('scipy', '1.13.0', 4)] }) };
const B: FileSpec = { path: 'b.txt', spec: spec({ packages: [pkg('numpy', '1.26.4', 1), pkg('numpy', '2.0.0', 2)] }) };

describe('environments/assemble-manifest', () => {
  it('merges equal statements and keeps all their evidence', () => {
    const [scope] = assembleManifest([A, B]).scopes;

    expect(scope?.packages.map(({ name, version, evidence }) => ({ name, version, evidence }))).toEqual([
      {
        name: 'numpy',
        version: '1.26.4',
        evidence: [
          { file: 'a.txt', line: 3 },
          { file: 'b.txt', line: 1 },
        ],
      },
      { name: 'numpy', version: '2.0.0', evidence: [{ file: 'b.txt', line: 2 }] },
      { name: 'scipy', version: '1.13.0', evidence: [{ file: 'a.txt', line: 4 }] },
    ]);
  });

  it('does not merge statements that differ in anything', () => {
    const hashed = { path: 'c.txt', spec: spec({ packages: [pkg('numpy', '1.26.4', 1, { hashes: ['sha256:00'] })] }) };

    expect(assembleManifest([A, hashed]).scopes[0]?.packages.filter(({ name }) => name === 'numpy')).toHaveLength(2);
  });

  it('is the same whatever the order of files and of lines', () => {
    const files = [A, B, { path: 'c.txt', spec: spec({ scope: 'container', packages: [pkg('curl', '8', 1)] }) }];
    const expected = JSON.stringify(assembleManifest(files));

    fc.assert(
      fc.property(fc.shuffledSubarray(files, { minLength: files.length }), fc.boolean(), (shuffled, isReversed) => {
        const turned = shuffled.map((file) => ({
          ...file,
          spec: { ...file.spec, packages: isReversed ? file.spec.packages.toReversed() : file.spec.packages },
        }));
        expect(JSON.stringify(assembleManifest(turned))).toBe(expected);
      }),
    );
  });

  it('does not change what it is given', () => {
    const before = JSON.stringify([A, B]);

    assembleManifest([A, B]);

    expect(JSON.stringify([A, B])).toBe(before);
  });

  it('orders scopes from the machine inwards and leaves empty ones out', () => {
    const files = (['language', 'host', 'container'] as const).map((scope, i) => ({
      path: `${scope}.txt`,
      spec: spec({ scope, packages: i === 2 ? [] : [pkg('x', '1', 1)] }),
    }));

    expect(assembleManifest(files).scopes.map(({ kind }) => kind)).toEqual(['host', 'language']);
  });

  it('keeps runtimes, variables, base images and what was not understood', () => {
    const file = {
      path: 'Dockerfile',
      spec: spec({
        scope: 'container',
        runtimes: [{ name: 'python', version: '3.12', specifier: null, line: 1 }],
        variables: [{ name: 'LANG', value: 'C' }],
        baseImages: [{ reference: 'debian:12', digest: null, platform: null, stage: null, line: 2 }],
        problems: [{ reason: 'dynamic-value', message: 'an ARG without a value', line: 3 }],
      }),
    };

    expect(assembleManifest([file])).toEqual({
      schemaVersion: 1,
      scopes: [
        {
          kind: 'container',
          packages: [],
          runtimes: [{ name: 'python', version: '3.12', specifier: null, evidence: [{ file: 'Dockerfile', line: 1 }] }],
          variables: [{ name: 'LANG', value: 'C', evidence: [{ file: 'Dockerfile', line: null }] }],
        },
      ],
      baseImages: [
        {
          reference: 'debian:12',
          digest: null,
          platform: null,
          stage: null,
          evidence: [{ file: 'Dockerfile', line: 2 }],
        },
      ],
      notUnderstood: [
        { evidence: { file: 'Dockerfile', line: 3 }, reason: 'dynamic-value', message: 'an ARG without a value' },
      ],
    });
  });

  it('keeps what was seen to compute, in its own scope, and gives other manifests no member for it', () => {
    const numerics = [{ program: 'numpy', version: '2.1.0', libraries: [], cpuFeatures: [], cpus: 8, line: 2 }];
    const file = { path: 'numeric-runtime.json', spec: spec({ numerics }) };

    const [seen] = assembleManifest([file]).scopes;

    expect(seen?.numerics).toEqual([
      {
        program: 'numpy',
        version: '2.1.0',
        libraries: [],
        cpuFeatures: [],
        cpus: 8,
        evidence: [{ file: 'numeric-runtime.json', line: 2 }],
      },
    ]);
    expect(Object.keys(assembleManifest([A]).scopes[0] ?? {})).toEqual(['kind', 'packages', 'runtimes', 'variables']);
  });

  describe('of a capture', () => {
    const context = (container: SeenContainer | null, reports: string[], folder = 'machine'): FileSpec => ({
      path: `${folder}/capture-context.json`,
      spec: spec({ format: 'capture-context', scope: 'host', capture: { container, reports, line: 3 } }),
    });
    const osRelease = (path: string, id: string, versionId: string): FileSpec => ({
      path,
      spec: spec({
        format: 'os-release',
        scope: 'host',
        runtimes: [{ name: id, version: versionId, specifier: null, line: 1 }],
        system: { id, versionId, name: null, line: 1 },
      }),
    });
    const uname: FileSpec = {
      path: 'machine/uname.txt',
      spec: spec({
        format: 'uname',
        scope: 'host',
        runtimes: [{ name: 'linux', version: '6.1.0', specifier: null, line: 1 }],
        system: { id: 'linux', versionId: null, name: null, line: 1 },
        kernel: { release: '6.1.0', line: 1 },
      }),
    };
    const freeze: FileSpec = { path: 'machine/pip.txt', spec: spec({ packages: [pkg('numpy', '1.26.4', 1)] }) };
    const NAMES = ['os-release', 'uname.txt', 'pip.txt'];
    const shape = (files: FileSpec[]) =>
      assembleManifest(files).scopes.map(({ kind, within, operatingSystem, packages }) => [
        kind,
        within,
        operatingSystem === undefined
          ? null
          : [operatingSystem.id, operatingSystem.versionId, operatingSystem.kernel ?? null].join(' '),
        packages.map(({ name }) => name),
      ]);

    it('nests languages in the machine that they were seen on, and claims nothing of other files', () => {
      const files = [context(null, NAMES), osRelease('machine/os-release', 'debian', '12'), uname, freeze, A];

      expect(shape(files)).toEqual([
        ['host', undefined, 'debian 12 6.1.0', []],
        ['language', undefined, null, ['numpy', 'scipy']],
        ['language', 0, null, ['numpy']],
      ]);
    });

    it('takes the system for that of the container and the kernel for that of the host', () => {
      const container = { engine: 'podman', image: 'lab/eeg:1' };
      const files = [context(container, NAMES), osRelease('machine/os-release', 'debian', '12'), uname, freeze];

      expect(shape(files)).toEqual([
        ['host', undefined, 'linux  6.1.0', []],
        ['container', 0, 'debian 12 ', []],
        ['language', 1, null, ['numpy']],
      ]);
      expect(assembleManifest(files).scopes[1]?.container).toEqual({
        engine: 'podman',
        image: 'lab/eeg:1',
        evidence: [{ file: 'machine/capture-context.json', line: 3 }],
      });
    });

    it('counts once what was asked for and seen in the same words', () => {
      const manifest = assembleManifest([context(null, ['pip.txt']), freeze, { ...freeze, path: 'requirements.txt' }]);

      expect(manifest.scopes.map(({ packages }) => packages.length)).toEqual([1, 1]);
      expect(countEcosystems(manifest)).toEqual([{ ecosystem: 'pypi', packageCount: 1 }]);
    });

    it('says nothing of nesting without a capture', () => {
      expect(shape([osRelease('os-release', 'debian', '12'), freeze])).toEqual([
        ['host', undefined, 'debian 12 ', []],
        ['language', undefined, null, ['numpy']],
      ]);
    });

    it('keeps two captures apart, each with what it names in its own folder', () => {
      const files = [
        context(null, ['os-release', 'pip.txt'], 'b'),
        context(null, ['os-release'], 'a'),
        osRelease('a/os-release', 'alpine', '3.19'),
        osRelease('b/os-release', 'debian', '12'),
        { ...freeze, path: 'b/pip.txt' },
      ];

      expect(shape(files)).toEqual([
        ['host', undefined, 'alpine 3.19 ', []],
        ['host', undefined, 'debian 12 ', []],
        ['language', 1, null, ['numpy']],
      ]);
      expect(shape(files.toReversed())).toEqual(shape(files));
    });

    it('believes neither of two systems in one place, and keeps both', () => {
      const [scope] = assembleManifest([
        osRelease('a/os-release', 'debian', '12'),
        osRelease('b/os-release', 'debian', '13'),
      ]).scopes;

      expect(scope?.operatingSystem).toBeUndefined();
      expect(scope?.runtimes.map(({ version }) => version)).toEqual(['12', '13']);
    });

    it('takes os-release before lsb_release, whichever comes first', () => {
      const lsb = { ...osRelease('lsb.txt', 'centos', '7.9.2009'), path: 'lsb.txt' };
      const files = [{ ...lsb, spec: { ...lsb.spec, format: 'lsb-release' } }, osRelease('os-release', 'centos', '7')];

      expect(assembleManifest(files).scopes[0]?.operatingSystem).toEqual({
        id: 'centos',
        versionId: '7',
        name: null,
        evidence: [{ file: 'os-release', line: 1 }],
      });
    });
  });

  it('counts packages by ecosystem, most first, equal numbers by name', () => {
    const packages = [
      pkg('a', '1', 1),
      pkg('b', '1', 2),
      pkg('c', '1', 3, { ecosystem: 'npm' }),
      pkg('d', '1', 4, { ecosystem: 'conda' }),
    ];

    expect(countEcosystems(assembleManifest([{ path: 'x', spec: spec({ packages }) }]))).toEqual([
      { ecosystem: 'pypi', packageCount: 2 },
      { ecosystem: 'conda', packageCount: 1 },
      { ecosystem: 'npm', packageCount: 1 },
    ]);
  });
});

import type { EnvironmentManifest, HardwareFingerprint, ManifestPackage } from '@envarium/schema';
import { describe, expect, it } from 'vitest';
import { understandFiles } from '../understand-files.js';
import { type ComparedEnvironment, diffEnvironments } from './diff-environments.js';

function packageOf(name: string, version: string | null, more: Partial<ManifestPackage> = {}): ManifestPackage {
  return {
    ecosystem: 'pypi',
    name,
    normalizedName: name,
    version,
    specifier: version === null ? '>=1' : null,
    build: null,
    standing: version === null ? 'declared' : 'locked',
    purl: null,
    hashes: [],
    source: null,
    marker: null,
    group: null,
    skipReason: null,
    evidence: [{ file: 'a.txt', line: 1 }],
    ...more,
  };
}

function manifestOf(packages: ManifestPackage[], more: Partial<EnvironmentManifest> = {}): EnvironmentManifest {
  return {
    schemaVersion: 1,
    scopes: [{ kind: 'language', packages, runtimes: [], variables: [] }],
    baseImages: [],
    notUnderstood: [],
    ...more,
  };
}

function side(
  name: string,
  environment: EnvironmentManifest | null,
  more: Partial<ComparedEnvironment> = {},
): ComparedEnvironment {
  return { name, imageDigest: null, environments: environment === null ? [] : [environment], hardware: null, ...more };
}

const machine = (cpuinfo: string): HardwareFingerprint | null =>
  understandFiles([{ path: 'cpuinfo', bytes: Buffer.from(cpuinfo) }]).hardware;
const XEON =
  'processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Xeon(R)\nflags\t\t: fpu sse2 avx avx2\n';
const EPYC = 'processor\t: 0\nvendor_id\t: AuthenticAMD\nmodel name\t: AMD EPYC\nflags\t\t: fpu sse2 avx\n';

describe('environments/diff/diff-environments', () => {
  it('says of every package what became of it, in the order of its ecosystem', () => {
    const from = manifestOf([
      packageOf('numpy', '1.9.0'),
      packageOf('scipy', '1.11.0'),
      packageOf('torch', '2.0'),
      packageOf('gone', '1.0'),
      packageOf('equal', '1.0'),
      packageOf('asked', '1.0'),
      packageOf('odd', '1.0'),
      packageOf('icu', '70', { ecosystem: 'conda', build: 'h1' }),
    ]);
    const to = manifestOf([
      packageOf('numpy', '1.10.0'),
      packageOf('scipy', '1.9.0'),
      packageOf('torch', '2.0'),
      packageOf('torch', '2.1'),
      packageOf('new', '0.1'),
      packageOf('equal', '1.0'),
      packageOf('asked', null),
      packageOf('odd', 'not a version'),
      packageOf('icu', '70', { ecosystem: 'conda', build: 'h2' }),
    ]);

    const { packages, packageCounts } = diffEnvironments(side('a', from), side('b', to));

    expect(packages.map(({ name, change, from: before, to: after }) => [name, change, before, after])).toEqual([
      ['icu', 'build', ['70 h1'], ['70 h2']],
      ['asked', 'undetermined', ['1.0'], ['asks for >=1']],
      ['gone', 'removed', ['1.0'], []],
      ['new', 'added', [], ['0.1']],
      ['numpy', 'newer', ['1.9.0'], ['1.10.0']],
      ['odd', 'changed', ['1.0'], ['not a version']],
      ['scipy', 'older', ['1.11.0'], ['1.9.0']],
      ['torch', 'changed', ['2.0'], ['2.0', '2.1']],
    ]);
    expect(packageCounts).toEqual({ equal: 1, added: 1, removed: 1, changed: 6 });
  });

  it('does not take a listing without builds for one with others', () => {
    const from = manifestOf([packageOf('icu', '70', { ecosystem: 'conda', build: 'h1' })]);
    const to = manifestOf([packageOf('icu', '70', { ecosystem: 'conda' })]);

    expect(diffEnvironments(side('a', from), side('b', to)).packages).toEqual([]);
  });

  it('keeps the scopes apart', () => {
    const inside = { kind: 'container' as const, packages: [packageOf('numpy', '1.0')], runtimes: [], variables: [] };

    const { packages } = diffEnvironments(
      side('a', manifestOf([packageOf('numpy', '1.0')])),
      side('b', manifestOf([], { scopes: [inside] })),
    );

    expect(packages.map(({ scope, change }) => [scope, change])).toEqual([
      ['container', 'added'],
      ['language', 'removed'],
    ]);
  });

  it('never calls removed what the other side does not know', () => {
    const diff = diffEnvironments(side('a', manifestOf([packageOf('numpy', '1.0')])), side('b', null));

    expect([diff.packages, diff.packageCounts.removed]).toEqual([[], 0]);
    expect(diff.summary).toEqual([
      'Neither has an image.',
      'Nothing is known of the packages of b: they were not compared.',
      'Nothing is known of the machine of a and b: machines were not compared.',
    ]);
  });

  it('tells an editor what matters first, in sentences', () => {
    const scope = (python: string, threads: string, packages: ManifestPackage[]): EnvironmentManifest =>
      manifestOf([], {
        scopes: [
          {
            kind: 'language',
            packages,
            runtimes: [{ name: 'python', version: python, specifier: null, evidence: [] }],
            variables: [
              { name: 'OMP_NUM_THREADS', value: threads, evidence: [] },
              { name: 'EDITOR', value: threads, evidence: [] },
            ],
          },
        ],
        notUnderstood: [{ evidence: { file: 'x', line: 1 }, reason: 'dynamic-value', message: 'x' }],
      });
    const from = scope('3.10.4', '1', [
      packageOf('libopenblas', '0.3.21', { ecosystem: 'conda' }),
      packageOf('click', '8.0'),
    ]);
    const to = scope('3.11.2', '8', [
      packageOf('libopenblas', '0.3.27', { ecosystem: 'conda' }),
      packageOf('click', '8.0'),
    ]);

    const diff = diffEnvironments(
      side('lab/eeg@v1', from, { imageDigest: 'sha256:1', hardware: machine(XEON) }),
      side('lab/eeg@v2', to, { imageDigest: 'sha256:2', hardware: machine(EPYC) }),
    );

    expect(diff.summary).toEqual([
      'The images differ.',
      'libopenblas 0.3.21 became 0.3.27. It computes: the last digits of results may differ.',
      'OMP_NUM_THREADS: 1 became 8. It can change numbers.',
      'python: 3.10.4 became 3.11.2.',
      'CPU: Intel(R) Xeon(R) became AMD EPYC.',
      'CPU features: avx avx2 sse2 became avx sse2.',
      '1 package in another version: libopenblas (0.3.21 → 0.3.27).',
      '1 package equal.',
      '1 place of lab/eeg@v1 could not be read, and may hide packages.',
      '1 place of lab/eeg@v2 could not be read, and may hide packages.',
    ]);
    expect(diff.variables.map(({ what }) => what)).toEqual(['OMP_NUM_THREADS', 'EDITOR']);
  });

  describe('of what was loaded', () => {
    const report = (config: string, kernel: string, threads: number): string =>
      JSON.stringify({
        schema: 'envarium-numeric-runtime/1',
        numpy: { version: '2.1.0', cpuFeatures: ['AVX2'] },
        libraries: [{ kind: 'openblas', config, kernel, threads, threadingLayer: 'pthreads' }],
      });
    const loaded = (name: string, ...files: [path: string, content: string][]): ComparedEnvironment =>
      side(name, understandFiles(files.map(([path, content]) => ({ path, bytes: Buffer.from(content) }))).environment);
    const SESSION =
      'R version 4.3.1 (2023-06-16)\nBLAS: /usr/lib/R/lib/libRblas.so\n\nattached base packages:\n[1] base\n';

    it('tells library, core type and threads before anything else, each with the file that says so', () => {
      const from = loaded('a', ['machine/numeric-runtime.json', report('OpenBLAS 0.3.21 x', 'Haswell', 8)]);
      const to = loaded(
        'b',
        ['numeric-runtime.json', report('OpenBLAS 0.3.27 x', 'SkylakeX', 4)],
        ['env.txt', 'PATH=/bin\nOMP_NUM_THREADS=4\n'],
      );

      const { summary, numerics, runtimes } = diffEnvironments(from, to);

      expect(summary.slice(1, 5)).toEqual([
        'BLAS of numpy: OpenBLAS 0.3.21 became OpenBLAS 0.3.27 (machine/numeric-runtime.json, numeric-runtime.json). The last digits of results may differ.',
        'BLAS core type of numpy: Haswell became SkylakeX (machine/numeric-runtime.json, numeric-runtime.json). The last digits of results may differ.',
        'BLAS threads of numpy: 8 became 4 (machine/numeric-runtime.json, numeric-runtime.json). The last digits of results may differ.',
        'OMP_NUM_THREADS (host): 4 is named in the second only. It can change numbers.',
      ]);
      expect(numerics[2]).toEqual({
        what: 'BLAS threads of numpy',
        scope: 'language',
        from: ['8'],
        to: ['4'],
        fromEvidence: [{ file: 'machine/numeric-runtime.json', line: 1 }],
        toEvidence: [{ file: 'numeric-runtime.json', line: 1 }],
      });
      expect(runtimes).toEqual([]);
    });

    it('finds nothing where the same was loaded', () => {
      const same = loaded('a', ['numeric-runtime.json', report('OpenBLAS 0.3.21 x', 'Haswell', 8)]);

      expect(diffEnvironments(same, { ...same, name: 'b' }).numerics).toEqual([]);
    });

    it('tells the BLAS of R once', () => {
      const from = loaded('a', ['s.txt', SESSION]);
      const to = loaded('b', ['s.txt', SESSION.replace('R/lib/libRblas.so', 'openblas-pthread/libblas.so.3')]);

      const { numerics, runtimes } = diffEnvironments(from, to);

      expect(numerics.map(({ what, from: was, to: is }) => [what, was, is])).toEqual([
        ['BLAS of R', ['the BLAS of R (libRblas.so)'], ['OpenBLAS (libblas.so.3)']],
        ['BLAS threading of R', [], ['pthreads']],
      ]);
      expect(runtimes).toEqual([]);
    });

    it('does not compare with a side that saw nothing, and says so', () => {
      const from = loaded('a', ['requirements.txt', 'numpy==2.1.0\n']);
      const to = loaded('b', ['numeric-runtime.json', report('OpenBLAS 0.3.27 x', 'SkylakeX', 4)]);

      const { numerics, summary } = diffEnvironments(from, to);

      expect(numerics).toEqual([]);
      expect(summary).toContain('Nothing is known of the numeric libraries that a had loaded: they were not compared.');
    });
  });

  it('tells systems, kernels and containers as such, and not as runtimes too', () => {
    const seen = (name: string, version: string, kernel: string, context: string): ComparedEnvironment =>
      side(
        name,
        understandFiles(
          [
            ['os-release', `PRETTY_NAME="Debian ${version}"\nID=debian\nVERSION_ID=${version}\n`],
            ['uname.txt', `Linux localhost ${kernel} #1 SMP x86_64 GNU/Linux\n`],
            ['capture-context.json', context],
          ].map(([path = '', content = '']) => ({ path, bytes: Buffer.from(content) })),
        ).environment,
      );
    const context = (container: object | null): string =>
      JSON.stringify({ schema: 'envarium-capture-context/1', container, reports: ['os-release', 'uname.txt'] });
    const podman = context({ engine: 'podman', image: 'lab/eeg:1' });

    const diff = diffEnvironments(seen('a', '12', '6.1.0', podman), seen('b', '13', '6.12.0', podman));
    const moved = diffEnvironments(seen('a', '12', '6.1.0', podman), seen('b', '12', '6.1.0', context(null)));

    expect(diff.runtimes).toEqual([]);
    expect(diff.systems.map(({ what, scope, from, to }) => [what, scope, from, to])).toEqual([
      ['kernel', 'host', ['6.1.0'], ['6.12.0']],
      ['operating system', 'container', ['Debian 12'], ['Debian 13']],
    ]);
    expect(moved.summary).toContain('image that ran (container): lab/eeg:1 is named in the first only.');
  });

  it('finds nothing between an environment and itself', () => {
    const same = side('a', manifestOf([packageOf('numpy', '1.0')]), {
      imageDigest: 'sha256:1',
      hardware: machine(XEON),
    });

    expect(diffEnvironments(same, { ...same, name: 'b' })).toEqual({
      schemaVersion: 1,
      from: {
        name: 'a',
        imageDigest: 'sha256:1',
        hasEnvironment: true,
        hasHardware: true,
        hasNumerics: false,
        notUnderstoodCount: 0,
      },
      to: {
        name: 'b',
        imageDigest: 'sha256:1',
        hasEnvironment: true,
        hasHardware: true,
        hasNumerics: false,
        notUnderstoodCount: 0,
      },
      summary: [
        'The image is the same, byte for byte (sha256:1).',
        'No package differs: 1 package equal, version by version.',
        'The machines are equal in what was recorded.',
      ],
      isSameImage: true,
      packageCounts: { equal: 1, added: 0, removed: 0, changed: 0 },
      packages: [],
      numerics: [],
      runtimes: [],
      systems: [],
      baseImages: [],
      variables: [],
      hardware: [],
    });
  });

  it.each([
    ['libopenblas0-pthread', true],
    ['openblas', true],
    ['libblas3', true],
    ['libblas', true],
    ['liblapack3', true],
    ['mkl', true],
    ['mkl-service', true],
    ['intel-openmp', true],
    ['libgomp1', true],
    ['nvidia-cublas-cu12', true],
    ['cudatoolkit', true],
    ['libfftw3-double3', true],
    ['OpenBLAS_jll', true],
    ['libc6', true],
    ['numpy', false],
    ['blasted', false],
    ['mklink', false],
    ['libc-bin', false],
  ])('knows whether %s computes: %s', (name, expected) => {
    const diff = diffEnvironments(
      side('a', manifestOf([packageOf(name, '1')])),
      side('b', manifestOf([packageOf(name, '2')])),
    );

    expect(diff.packages[0]?.isNumerical).toBe(expected);
  });
});

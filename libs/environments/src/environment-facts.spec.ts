import type { EnvironmentScope, ManifestNumerics } from '@envarium/schema';
import { describe, expect, it } from 'vitest';
import { environmentFactsOf, scopeFactsOf } from './environment-facts.js';

const FILES = { source: 'package-file', platform: null } as const;
const IMAGE = { source: 'image', platform: 'linux/arm64' } as const;
const at = (file: string) => [{ file, line: null }];

function scope(kind: EnvironmentScope['kind'], more: Partial<EnvironmentScope> = {}): EnvironmentScope {
  return { kind, packages: [], runtimes: [], variables: [], ...more };
}

const library = (more: Partial<ManifestNumerics['libraries'][number]>): ManifestNumerics['libraries'][number] => ({
  kind: 'openblas',
  file: null,
  version: null,
  coreType: null,
  threadingLayer: null,
  threads: null,
  ...more,
});
const NUMPY: ManifestNumerics = {
  program: 'numpy',
  version: '2.1.0',
  libraries: [
    library({ version: '0.3.27', coreType: 'SkylakeX', threadingLayer: 'pthreads', threads: 4 }),
    library({ kind: 'openmp', file: 'libgomp.so.1.0.0', threads: 1 }),
  ],
  cpuFeatures: ['AVX2'],
  cpus: 8,
  evidence: at('machine/numeric-runtime.json'),
};

describe('environments/environment-facts', () => {
  it('says what computed, what can change numbers and what it stood on, each with its file', () => {
    const scopes = scopeFactsOf(
      [
        scope('host', {
          operatingSystem: { id: 'debian', versionId: '12', name: 'Debian GNU/Linux 12', evidence: at('os-release') },
          variables: [
            { name: 'OMP_NUM_THREADS', value: '4', evidence: at('env.txt') },
            { name: 'EDITOR', value: 'vi', evidence: at('env.txt') },
          ],
        }),
        scope('language', { numerics: [NUMPY] }),
      ],
      FILES,
    );

    expect(environmentFactsOf(scopes)).toMatchObject({
      statements: [
        'numpy 2.1.0 had loaded OpenBLAS 0.3.27 with core type SkylakeX, up to 4 threads, threading by pthreads; libgomp.so.1.0.0 with one thread, on up to 8 CPUs (machine/numeric-runtime.json).',
        'Set for the host, and able to change numbers: OMP_NUM_THREADS=4 (env.txt).',
        'The system of the host is Debian GNU/Linux 12 (os-release).',
      ],
      scopes: [
        { scope: 'host', variables: [{ name: 'OMP_NUM_THREADS' }], numerics: [] },
        { scope: 'language', numerics: [{ program: 'numpy' }], operatingSystem: null },
      ],
    });
    expect(scopes[0]?.variables).toHaveLength(1);
  });

  it('says what ran a container, and the kernel below it', () => {
    const scopes = scopeFactsOf(
      [
        scope('host', { operatingSystem: { id: 'linux', versionId: null, name: null, kernel: '6.1.0', evidence: [] } }),
        scope('container', {
          operatingSystem: { id: 'alpine', versionId: '3.19', name: null, evidence: at('os-release') },
          container: { engine: 'podman', image: 'lab/eeg:1', evidence: at('capture-context.json') },
        }),
      ],
      FILES,
    );

    expect(environmentFactsOf(scopes).statements).toEqual([
      'The system of the host is linux, kernel 6.1.0.',
      'The container was run by podman, of the image lab/eeg:1 (capture-context.json).',
      'The system of the container is alpine 3.19 (os-release).',
    ]);
  });

  it('names the image and the platform that a fact is of', () => {
    const scopes = scopeFactsOf(
      [scope('container', { variables: [{ name: 'LC_ALL', value: 'C', evidence: [] }] })],
      IMAGE,
    );

    expect(environmentFactsOf(scopes).statements).toEqual([
      'Set for the container in the image for linux/arm64, and able to change numbers: LC_ALL=C.',
    ]);
  });

  it('calls R by its name, and its own BLAS so', () => {
    const numerics = [{ ...NUMPY, program: 'r', version: null, cpus: null, libraries: [library({ kind: 'rblas' })] }];

    expect(environmentFactsOf(scopeFactsOf([scope('language', { numerics })], FILES)).statements).toEqual([
      'R had loaded the BLAS of R (machine/numeric-runtime.json).',
    ]);
  });

  it('stays short, whatever was deposited', () => {
    const libraries = Array.from({ length: 60 }, () => library({}));
    const variables = [
      { name: 'OMP_PLACES', value: 'x'.repeat(101), evidence: [] },
      { name: 'OMP_WAIT_POLICY', value: 'x'.repeat(1001), evidence: [] },
    ];

    const scopes = scopeFactsOf(
      [scope('language', { numerics: [{ ...NUMPY, libraries, cpus: null, evidence: [] }], variables })],
      FILES,
    );

    expect(environmentFactsOf(scopes).statements).toEqual([
      `numpy 2.1.0 had loaded ${'OpenBLAS; '.repeat(8)}and 42 more.`,
      `Set for the language environment, and able to change numbers: OMP_PLACES=${'x'.repeat(100)}....`,
    ]);
  });

  it('says nothing of scopes of which only packages are known', () => {
    expect(environmentFactsOf(scopeFactsOf([scope('language'), scope('container')], FILES))).toEqual({
      statements: [],
      scopes: [],
    });
  });
});

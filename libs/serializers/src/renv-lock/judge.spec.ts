import type { ManifestPackage } from '@envarium/schema';
import { describe, expect, it } from 'vitest';
import { sampleManifest, samplePackage } from '../lock/sample-manifest.suite.js';
import { judgeRenvLock } from './judge.js';

const SHA = '0123456789abcdef0123456789abcdef01234567';
const rPackage = (more: Partial<ManifestPackage> & { file?: string }) =>
  samplePackage({
    ecosystem: 'cran',
    name: 'ggplot2',
    version: '3.5.1',
    hashes: [],
    source: 'https://cran.example.org',
    file: 'renv.lock',
    ...more,
  });
const judge = (...packages: ManifestPackage[]) => judgeRenvLock(sampleManifest(packages), ['renv.lock']);

describe('serializers/renv-lock/judge', () => {
  it('takes a lock file whose packages all say from where', () => {
    const remote = rPackage({
      name: 'own',
      source: `https://git.example.org/o/own#${SHA}`,
      skipReason: 'vcs-source',
    });

    expect(judge(rPackage({}), remote)).toEqual({ outcome: 'deposited', file: 'renv.lock' });
  });

  it.each([
    ['no version', { version: null }, 'no-version'],
    ['no repository', { source: null }, 'no-address'],
    ['a branch', { source: 'https://git.example.org/o/own', skipReason: 'vcs-source' as const }, 'no-commit'],
    ['a path of some machine', { skipReason: 'local-path' as const }, 'local-path'],
  ])('refuses one with a package with %s', (_, fields, fault) => {
    expect(judge(rPackage({ name: 'abc' }), rPackage(fields))).toMatchObject({
      reason: 'not-exact',
      offenders: [{ package: 'ggplot2', fault }],
    });
  });

  it('does not make one from what another file lists', () => {
    expect(judge(rPackage({ file: 'sessionInfo.txt' }))).toMatchObject({ reason: 'no-lock-file' });
    expect(judge(samplePackage({}))).toMatchObject({ reason: 'no-packages' });
  });
});

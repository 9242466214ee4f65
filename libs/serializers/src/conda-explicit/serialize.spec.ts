import { readEnvironmentFile } from '@envarium/formats';
import type { ManifestPackage } from '@envarium/schema';
import { describe, expect, it } from 'vitest';
import { sampleManifest, samplePackage, textOf } from '../lock/sample-manifest.suite.js';
import { serializeCondaExplicit } from './serialize.js';

const MD5 = 'd'.repeat(32);
const SHA256 = 'a'.repeat(64);
const CHANNEL = 'https://conda.example.org/conda-forge';

function condaPackage(name: string, subdir: string, more: Partial<ManifestPackage> & { file?: string } = {}) {
  return samplePackage({
    ecosystem: 'conda',
    name,
    version: '1.0',
    build: 'h1_0',
    source: CHANNEL,
    purl: `pkg:conda/${name}@1.0?build=h1_0&channel=conda-forge&subdir=${subdir}&type=conda`,
    ...more,
  });
}

describe('serializers/conda-explicit/serialize', () => {
  it('writes the address and the hash of every package file', () => {
    const manifest = sampleManifest([
      condaPackage('zlib', 'linux-64'),
      condaPackage('tzdata', 'noarch', { hashes: [`md5:${MD5}`] }),
    ]);

    expect(textOf(serializeCondaExplicit(manifest)).split('\n')).toEqual([
      '# From "lock.txt". Install: conda create --name NAME --file FILE',
      '# platform: linux-64',
      '@EXPLICIT',
      `${CHANNEL}/linux-64/zlib-1.0-h1_0.conda#sha256:${SHA256}`,
      `${CHANNEL}/noarch/tzdata-1.0-h1_0.conda#${MD5}`,
      '',
    ]);
  });

  it('gives back what our own reader read', () => {
    const line = `${CHANNEL}/linux-64/r-base-4.3.1-h6bc1f8b_5.tar.bz2#${MD5}`;
    const read = readEnvironmentFile(Buffer.from(`@EXPLICIT\n${line}\n`), 'spec.txt');
    const packages = read.outcome === 'understood' ? read.spec.packages : [];
    const manifest = sampleManifest(
      packages.map(({ line: at, ...each }) => ({ ...each, evidence: [{ file: 'spec.txt', line: at }] })),
    );

    expect(textOf(serializeCondaExplicit(manifest)).split('\n').at(-2)).toBe(line);
  });

  it('takes the address itself where the lock file has it', () => {
    const source = `${CHANNEL}/osx-arm64/zlib-1.0-h1_0.conda`;

    const result = serializeCondaExplicit(sampleManifest([condaPackage('zlib', 'osx-arm64', { source, purl: null })]));

    expect(textOf(result)).toContain(`${source}#sha256:${SHA256}`);
  });

  it('never mixes platforms: one must be named, and gets only what is listed for it', () => {
    const manifest = sampleManifest([
      condaPackage('zlib', 'linux-64', { marker: 'platform=linux-64' }),
      condaPackage('zlib', 'osx-arm64', { marker: 'platform=osx-arm64', version: '1.1' }),
      condaPackage('tzdata', 'noarch', { marker: 'platform=osx-arm64' }),
    ]);

    expect(serializeCondaExplicit(manifest)).toMatchObject({
      reason: 'several-platforms',
      choices: ['linux-64', 'osx-arm64'],
    });
    const linux = textOf(serializeCondaExplicit(manifest, { platform: 'linux-64' }));
    expect(linux.match(/^https.*$/gm)).toEqual([`${CHANNEL}/linux-64/zlib-1.0-h1_0.conda#sha256:${SHA256}`]);
    expect(textOf(serializeCondaExplicit(manifest, { platform: 'osx-arm64' })).match(/^https/gm)).toHaveLength(2);
    expect(serializeCondaExplicit(manifest, { platform: 'win-64' })).toMatchObject({ reason: 'platform-unknown' });
  });

  it('takes one environment of a file with several, never their union', () => {
    const placed = (name: string, group: string, version: string) =>
      condaPackage(name, 'linux-64', { group, version, marker: 'platform=linux-64', file: 'pixi.lock' });
    const manifest = sampleManifest([
      placed('zlib', 'default', '1.0'),
      placed('zlib', 'test', '1.1'),
      placed('gdb', 'test', '1.0'),
    ]);
    const ask = (environment?: string) => serializeCondaExplicit(manifest, { environment }, ['pixi.lock']);

    expect(ask()).toMatchObject({ reason: 'several-environments', choices: ['default', 'test'] });
    expect(textOf(ask('default')).match(/^https.*$/gm)).toEqual([
      `${CHANNEL}/linux-64/zlib-1.0-h1_0.conda#sha256:${SHA256}`,
    ]);
    expect(textOf(ask('test')).match(/^https/gm)).toHaveLength(2);
    expect(ask('docs')).toMatchObject({ reason: 'environment-unknown', choices: ['default', 'test'] });
  });

  it('gathers the files of an installed environment as one list', () => {
    const manifest = sampleManifest([
      condaPackage('zlib', 'linux-64', { file: 'opt/conda/conda-meta/zlib-1.0-h1_0.json' }),
      condaPackage('tzdata', 'noarch', { file: 'opt/conda/conda-meta/tzdata-1.0-h1_0.json' }),
    ]);

    const result = serializeCondaExplicit(manifest);

    expect(result).toMatchObject({ outcome: 'written', file: 'opt/conda/conda-meta' });
    expect(textOf(result).match(/^https/gm)).toHaveLength(2);
  });

  it.each([
    ['no version', { version: null }, 'no-version'],
    ['no hash', { hashes: [] }, 'no-hash'],
    ['no channel', { source: null }, 'no-address'],
    ['a channel by its name', { source: 'conda-forge' }, 'no-address'],
    ['no platform', { purl: 'pkg:conda/zlib@1.0' }, 'no-address'],
    ['a build that would be another line', { build: 'h1\n0' }, 'no-address'],
    ['a path of some machine', { skipReason: 'local-path' as const }, 'local-path'],
  ])('refuses a file with a package with %s', (_, fields, fault) => {
    const manifest = sampleManifest([condaPackage('zlib', 'linux-64', fields)]);

    expect(serializeCondaExplicit(manifest)).toMatchObject({ reason: 'not-exact', offenders: [{ fault }] });
  });

  it('refuses two builds of one package', () => {
    const manifest = sampleManifest([
      condaPackage('zlib', 'linux-64'),
      condaPackage('zlib', 'linux-64', { build: 'h2_0' }),
    ]);

    expect(serializeCondaExplicit(manifest)).toMatchObject({
      reason: 'not-exact',
      offenders: [{ fault: 'several-versions' }, { fault: 'several-versions' }],
    });
  });
});

import { readEnvironmentFile } from '@envarium/formats';
import { describe, expect, it } from 'vitest';
import { sampleManifest, samplePackage, textOf } from '../lock/sample-manifest.suite.js';
import { serializePipRequirements } from './serialize.js';

const A = 'a'.repeat(64);
const B = 'b'.repeat(64);

describe('serializers/pip-requirements/serialize', () => {
  it('writes every package with its version and all its hashes, sorted', () => {
    const manifest = sampleManifest([
      samplePackage({ name: 'scipy', version: '1.13.0', marker: "python_version >= '3.9'" }),
      samplePackage({ name: 'NumPy', hashes: [`sha256:${B}`, `sha256:${A}`, `md5:${'c'.repeat(32)}`] }),
    ]);

    const result = serializePipRequirements(manifest);

    expect(textOf(result).split('\n')).toEqual([
      '# From "lock.txt". Install: pip install --require-hashes --no-deps -r FILE',
      'NumPy==1.26.4 \\',
      `    --hash=sha256:${A} \\`,
      `    --hash=sha256:${B}`,
      "scipy==1.13.0 ; python_version >= '3.9' \\",
      `    --hash=sha256:${A}`,
      '',
    ]);
  });

  it('writes what our own reader reads back as the same versions and hashes', () => {
    const manifest = sampleManifest([
      samplePackage({ name: 'numpy', marker: 'python_version >= "3.9"' }),
      samplePackage({ name: 'torch', version: '2.4.0+cu118' }),
    ]);

    const reading = readEnvironmentFile(Buffer.from(textOf(serializePipRequirements(manifest))), 'requirements.txt');

    expect(reading).toMatchObject({ outcome: 'understood', spec: { problems: [] } });
    const packages = reading.outcome === 'understood' ? reading.spec.packages : [];
    expect(packages.map(({ name, version, hashes, marker }) => [name, version, hashes, marker])).toEqual([
      ['numpy', '1.26.4', [`sha256:${A}`], 'python_version >= "3.9"'],
      ['torch', '2.4.0+cu118', [`sha256:${A}`], null],
    ]);
  });

  it('names an archive by its address and an index that is not the usual one', () => {
    const source = 'https://files.example.org/own-1.0-py3-none-any.whl';
    const manifest = sampleManifest([
      samplePackage({ name: 'own', version: '1.0', source, skipReason: 'url-source' }),
      samplePackage({ name: 'torch', source: 'https://index.example.org/cu118' }),
      samplePackage({ name: 'six' }),
    ]);

    const text = textOf(serializePipRequirements(manifest));

    expect(text).toContain(`own @ ${source} \\\n`);
    expect(text).toContain('\n--extra-index-url https://index.example.org/cu118\n');
  });

  it.each([
    ['no version', { version: null }, 'no-version'],
    ['no hash', { hashes: [] }, 'no-hash'],
    ['a weak hash only', { hashes: [`md5:${'c'.repeat(32)}`] }, 'weak-hash'],
    ['a path of some machine', { source: 'file:///croot/x', skipReason: 'local-path' as const }, 'local-path'],
    ['a commit', { source: 'git+https://git.example.org/x', skipReason: 'vcs-source' as const }, 'no-hash'],
    ['a version that would be another line', { version: '1.0\n--index-url x' }, 'name-or-version-invalid'],
    ['a marker that would be another line', { marker: 'a\nb==1' }, 'name-or-version-invalid'],
    ['a name that is an option', { name: '-e' }, 'name-or-version-invalid'],
  ])('refuses a file with a package with %s, and says which', (_, fields, fault) => {
    const manifest = sampleManifest([samplePackage({ name: 'six' }), samplePackage({ line: 7, ...fields })]);

    expect(serializePipRequirements(manifest)).toMatchObject({
      outcome: 'refused',
      reason: 'not-exact',
      offenderCount: 1,
      offenders: [{ file: 'lock.txt', line: 7, fault }],
    });
  });

  it('refuses a name that stands twice for the same machine, and takes one for two', () => {
    const pair = (first: string | null, second: string | null) =>
      serializePipRequirements(
        sampleManifest([samplePackage({ marker: first }), samplePackage({ version: '2.0', marker: second })]),
      );

    expect(pair(null, "python_version < '3.9'")).toMatchObject({
      reason: 'not-exact',
      offenders: [{ fault: 'several-versions' }, { fault: 'several-versions' }],
    });
    expect(pair("python_version < '3.9'", "python_version >= '3.9'")).toMatchObject({ outcome: 'written' });
  });

  it('takes what is listed for one platform, without the word for it', () => {
    const manifest = sampleManifest([
      samplePackage({ marker: 'platform=linux-64,osx-arm64' }),
      samplePackage({ name: 'six', marker: 'platform=osx-arm64' }),
    ]);

    expect(serializePipRequirements(manifest)).toMatchObject({
      reason: 'several-platforms',
      choices: ['linux-64', 'osx-arm64'],
    });
    const linux = textOf(serializePipRequirements(manifest, { platform: 'linux-64' }));
    expect(linux.match(/^[\w-]+==.*$/gm)).toEqual(['numpy==1.26.4 \\']);
    expect(serializePipRequirements(manifest, { platform: 'win-64' })).toMatchObject({ reason: 'platform-unknown' });
  });

  it('takes the one file that is exact, leaving wishes aside', () => {
    const manifest = sampleManifest([
      samplePackage({ version: null, specifier: '>=1', standing: 'declared', hashes: [], file: 'pyproject.toml' }),
      samplePackage({ file: 'uv.lock' }),
      samplePackage({ name: 'own', source: '.', hashes: [], skipReason: 'local-path', file: 'uv.lock' }),
    ]);

    expect(serializePipRequirements(manifest)).toMatchObject({ outcome: 'written', file: 'uv.lock' });
  });

  it('asks which of several exact files, and takes the one that is named', () => {
    const manifest = sampleManifest([
      samplePackage({ file: 'a.lock' }),
      samplePackage({ name: 'six', file: 'b.lock' }),
    ]);

    expect(serializePipRequirements(manifest)).toMatchObject({
      reason: 'several-files',
      choices: ['a.lock', 'b.lock'],
    });
    expect(textOf(serializePipRequirements(manifest, { file: 'b.lock' }))).toContain('six==1.26.4');
    expect(serializePipRequirements(manifest, { file: 'c.lock' })).toMatchObject({ reason: 'file-unknown' });
    expect(serializePipRequirements(sampleManifest([]))).toMatchObject({ reason: 'no-packages' });
  });

  it('refuses a file with a line that was not understood: it may name a package', () => {
    const manifest = sampleManifest([samplePackage({})], {
      notUnderstood: [{ evidence: { file: 'lock.txt', line: 9 }, reason: 'syntax-invalid', message: 'x' }],
    });

    expect(serializePipRequirements(manifest)).toMatchObject({
      reason: 'not-exact',
      offenders: [{ package: null, line: 9, fault: 'not-understood' }],
    });
  });

  it('counts all offenders and shows the first ten', () => {
    const packages = Array.from({ length: 12 }, (_, index) => samplePackage({ name: `p${index}`, hashes: [] }));

    const result = serializePipRequirements(sampleManifest(packages));

    expect(result).toMatchObject({ offenderCount: 12 });
    expect(result.outcome === 'refused' ? result.offenders.length : 0).toBe(10);
  });
});

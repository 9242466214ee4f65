import type { EnvironmentManifest } from '@envarium/schema';
import { readEnvironmentFile } from '@envarium/formats';
import { describe, expect, it } from 'vitest';
import { serializeCycloneDx } from './serialize.js';

const MANIFEST: EnvironmentManifest = {
  schemaVersion: 1,
  scopes: [
    {
      kind: 'language',
      packages: [
        {
          ecosystem: 'pypi',
          name: 'NumPy',
          normalizedName: 'numpy',
          version: '1.26.4',
          specifier: '==1.26.4',
          build: null,
          standing: 'locked',
          purl: 'pkg:pypi/numpy@1.26.4',
          hashes: [`sha256:${'a'.repeat(64)}`, 'h1:not-a-file-hash'],
          source: null,
          marker: null,
          group: null,
          skipReason: null,
          evidence: [{ file: 'requirements.txt', line: 3 }],
        },
        {
          ecosystem: 'pypi',
          name: 'scipy',
          normalizedName: 'scipy',
          version: null,
          specifier: '>=1.0',
          build: null,
          standing: 'declared',
          purl: 'pkg:pypi/scipy',
          hashes: [],
          source: null,
          marker: null,
          group: null,
          skipReason: 'version-range',
          evidence: [{ file: 'requirements.txt', line: 4 }],
        },
      ],
      runtimes: [],
      variables: [],
    },
  ],
  baseImages: [],
  notUnderstood: [],
};

describe('serializers/cyclonedx/serialize', () => {
  it('lists fixed packages with version, purl and hashes, and wishes without a version', () => {
    const bom: unknown = JSON.parse(serializeCycloneDx(MANIFEST, { name: 'lab/eeg', version: 'v1' }).toString());

    expect(bom).toMatchObject({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      version: 1,
      metadata: { component: { name: 'lab/eeg', version: 'v1' } },
      components: [
        {
          name: 'NumPy',
          version: '1.26.4',
          purl: 'pkg:pypi/numpy@1.26.4',
          hashes: [{ alg: 'SHA-256', content: 'a'.repeat(64) }],
        },
        { name: 'scipy', purl: 'pkg:pypi/scipy' },
      ],
    });
    expect(bom).not.toHaveProperty('components.1.version');
    expect(bom).toHaveProperty(
      'serialNumber',
      expect.stringMatching(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab]/),
    );
  });

  it('gives the same bytes for the same environment, and others for another', () => {
    const subject = { name: 'lab/eeg', version: 'v1' };

    expect(serializeCycloneDx(MANIFEST, subject)).toEqual(serializeCycloneDx(structuredClone(MANIFEST), subject));
    expect(serializeCycloneDx({ ...MANIFEST, scopes: [] }, subject)).not.toEqual(serializeCycloneDx(MANIFEST, subject));
  });

  it('is read back by our own reader with the same exact versions', () => {
    const reading = readEnvironmentFile(serializeCycloneDx(MANIFEST, { name: 'x', version: 'v1' }), 'sbom.cdx.json');

    expect(reading).toMatchObject({ outcome: 'understood', format: 'cyclonedx' });
    const packages = reading.outcome === 'understood' ? reading.spec.packages : [];
    expect(packages.map(({ name, version }) => [name, version])).toEqual(
      expect.arrayContaining([
        ['NumPy', '1.26.4'],
        ['scipy', null],
      ]),
    );
  });
});

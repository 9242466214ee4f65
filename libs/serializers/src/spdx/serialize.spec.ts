import { describe, expect, it } from 'vitest';
import { sampleManifest, samplePackage } from '../lock/sample-manifest.suite.js';
import { serializeSpdx } from './serialize.js';

const SUBJECT = { name: 'lab/eeg', version: 'v1', created: '2026-11-24T10:00:00.123Z' };
const MANIFEST = sampleManifest(
  [
    samplePackage({ name: 'NumPy', purl: 'pkg:pypi/numpy@1.26.4', line: 3 }),
    samplePackage({ name: 'scipy', version: null, specifier: '>=1', standing: 'declared', hashes: ['h1:no-file'] }),
    samplePackage({ name: 'own', source: 'https://files.example.org/own-1.0.tar.gz' }),
    samplePackage({ name: 'odd', source: 'https://files.example.org/a b.zip' }),
  ],
  { notUnderstood: [{ evidence: { file: 'x', line: 1 }, reason: 'syntax-invalid', message: 'y' }] },
);

describe('serializers/spdx/serialize', () => {
  it('lists what the environment has and what its files only ask for', () => {
    const document: unknown = JSON.parse(serializeSpdx(MANIFEST, SUBJECT).toString());

    expect(document).toMatchObject({
      spdxVersion: 'SPDX-2.3',
      dataLicense: 'CC0-1.0',
      name: 'lab/eeg v1',
      creationInfo: { created: '2026-11-24T10:00:00Z' },
      packages: [
        { SPDXID: 'SPDXRef-Environment', comment: '1 statements of the package files were not understood.' },
        {
          name: 'NumPy',
          versionInfo: '1.26.4',
          checksums: [{ algorithm: 'SHA256', checksumValue: 'a'.repeat(64) }],
          externalRefs: [{ referenceType: 'purl', referenceLocator: 'pkg:pypi/numpy@1.26.4' }],
          sourceInfo: 'pypi, locked in the language scope; lock.txt:3',
        },
        { name: 'scipy', sourceInfo: 'pypi, declared in the language scope; as written: >=1; lock.txt:1' },
        { downloadLocation: 'https://files.example.org/own-1.0.tar.gz' },
        { downloadLocation: 'NOASSERTION' },
      ],
      relationships: [
        { relationshipType: 'DESCRIBES', relatedSpdxElement: 'SPDXRef-Environment' },
        { relationshipType: 'CONTAINS', relatedSpdxElement: 'SPDXRef-Package-1' },
        { relationshipType: 'DEPENDS_ON', relatedSpdxElement: 'SPDXRef-Package-2' },
        { relationshipType: 'CONTAINS' },
        { relationshipType: 'CONTAINS' },
      ],
    });
    expect(document).not.toHaveProperty('packages.2.versionInfo');
    expect(document).not.toHaveProperty('packages.2.checksums');
  });

  it('gives the same bytes for the same version, and another name for another', () => {
    expect(serializeSpdx(MANIFEST, SUBJECT)).toEqual(serializeSpdx(structuredClone(MANIFEST), SUBJECT));
    const other = serializeSpdx(MANIFEST, { ...SUBJECT, version: 'v2' });
    const namespaces = [serializeSpdx(MANIFEST, SUBJECT), other].map(
      (bytes) => (JSON.parse(bytes.toString()) as { documentNamespace: string }).documentNamespace,
    );
    expect(new Set(namespaces).size).toBe(2);
    expect(namespaces[0]).toMatch(/^urn:uuid:[0-9a-f-]{36}$/);
  });
});

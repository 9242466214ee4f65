import type { EnvironmentManifest, ManifestPackage } from '@envarium/schema';

export function samplePackage(more: Partial<ManifestPackage> & { file?: string; line?: number }): ManifestPackage {
  const { file = 'lock.txt', line = 1, ...fields } = more;
  const name = fields.name ?? 'numpy';
  return {
    ecosystem: 'pypi',
    name,
    normalizedName: name.toLowerCase(),
    version: '1.26.4',
    specifier: null,
    build: null,
    standing: 'locked',
    purl: null,
    hashes: [`sha256:${'a'.repeat(64)}`],
    source: null,
    marker: null,
    group: null,
    skipReason: null,
    evidence: [{ file, line }],
    ...fields,
  };
}

export function sampleManifest(
  packages: readonly ManifestPackage[],
  more: Partial<EnvironmentManifest> = {},
): EnvironmentManifest {
  return {
    schemaVersion: 1,
    scopes: [{ kind: 'language', packages: [...packages], runtimes: [], variables: [] }],
    baseImages: [],
    notUnderstood: [],
    ...more,
  };
}

/** The text of a lock file that was written; for another outcome the outcome itself, so that a test shows it. */
export function textOf(result: { outcome: string; bytes?: Buffer }): string {
  return result.bytes?.toString() ?? JSON.stringify(result);
}

import type { EnvironmentManifest } from '@envarium/schema';
import { type Fact, scopesOf } from './diff-facts.js';

/** Of scopes that say which system they are. */
export function systemFacts(manifests: readonly EnvironmentManifest[]): Fact[] {
  return scopesOf(manifests).flatMap(({ kind: scope, operatingSystem }) => {
    if (operatingSystem === undefined) return [];
    const { id, versionId, name, evidence } = operatingSystem;
    return [{ what: 'operating system', scope, value: name ?? [id, versionId].filter(Boolean).join(' '), evidence }];
  });
}

import type { EnvironmentManifest, OperatingSystem } from '@envarium/schema';
import { systemText } from '../operating-system.js';
import { type Fact, scopesOf } from './diff-facts.js';

/** Of scopes that say which system they are, and what ran them. */
export function systemFacts(manifests: readonly EnvironmentManifest[]): Fact[] {
  return scopesOf(manifests).flatMap(({ kind: scope, operatingSystem, container }) => {
    const facts: Fact[] = [];
    if (operatingSystem !== undefined) {
      const { kernel, evidence } = operatingSystem;
      if (!isKernelOnly(operatingSystem)) {
        facts.push({ what: 'operating system', scope, value: systemText(operatingSystem), evidence });
      }
      if (kernel !== undefined) facts.push({ what: 'kernel', scope, value: kernel, evidence });
    }
    if (container !== undefined) {
      const { engine, image, evidence } = container;
      facts.push({ what: 'container engine', scope, value: engine, evidence });
      if (image !== null) facts.push({ what: 'image that ran', scope, value: image, evidence });
    }
    return facts;
  });
}

/** `uname` alone tells that it is some Linux. */
function isKernelOnly({ id, versionId, name }: OperatingSystem): boolean {
  return id === 'linux' && versionId === null && name === null;
}

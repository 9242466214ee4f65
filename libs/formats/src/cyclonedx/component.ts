import type { SkipReason, SpecPackage, SpecProblem } from '@envarium/schema';
import { parsePurl, shownPurl } from '../parsed-purl.js';
import { isVersionRange, MOST_DIGESTS, readDigest } from '../foreign-facts.js';
import { specPackage } from '../spec.js';
import { Hash, type Component } from './schema.js';

/** Component types that are software to install; the others (device, file, data, ...) are named in `group`. */
const SOFTWARE: readonly string[] = ['application', 'framework', 'library'];

export interface ReadComponent {
  readonly package: SpecPackage;
  readonly problems: readonly SpecProblem[];
  readonly hadCredentials: boolean;
}

/** @returns null when the component has no name */
export function readComponent(component: Component, line: number | null): ReadComponent | null {
  const { name } = component;
  if (name === undefined || name === '') return null;
  const problems: SpecProblem[] = [];
  const purl = component.purl === undefined ? null : parsePurl(component.purl);
  if (purl === null && component.purl !== undefined) {
    const message = `The purl of ${name.slice(0, 80)} is not valid: ${shownPurl(component.purl)}`;
    problems.push({ reason: 'name-invalid', message, line });
  }
  const hashes = readHashes(component, name, line, problems);
  const isRange = component.version !== undefined && isVersionRange(component.version);
  const version = isRange || component.version === '' ? undefined : component.version;
  const versionRange = isRange ? component.version : component.versionRange;
  return {
    package: specPackage({
      ecosystem: purl?.type ?? 'generic',
      name,
      normalizedName: purl?.fullName ?? name,
      version: version ?? null,
      specifier: versionRange ?? null,
      standing: 'observed',
      purl: purl?.text ?? null,
      hashes,
      group: groupOf(component),
      line,
      skipReason: version === undefined ? versionDoubt(versionRange) : null,
    }),
    problems,
    hadCredentials: purl?.hadCredentials === true,
  };
}

function versionDoubt(versionRange: string | undefined): SkipReason {
  return versionRange === undefined ? 'no-version' : 'version-range';
}

function readHashes(component: Component, name: string, line: number | null, problems: SpecProblem[]): string[] {
  const hashes: string[] = [];
  for (const value of (component.hashes ?? []).slice(0, MOST_DIGESTS)) {
    const hash = Hash.safeParse(value);
    const digest = hash.success ? readDigest(hash.data.alg, hash.data.content) : null;
    if (digest === null) {
      problems.push({ reason: 'syntax-invalid', message: `A hash of ${name.slice(0, 80)} is not hexadecimal.`, line });
    } else hashes.push(digest);
  }
  return hashes;
}

function groupOf(component: Component): string | null {
  if (component.type !== undefined && !SOFTWARE.includes(component.type)) return component.type;
  // `required` is the default scope.
  return component.scope === undefined || component.scope === 'required' ? null : component.scope;
}

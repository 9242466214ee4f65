import type { SkipReason, SpecPackage, SpecProblem } from '@envarium/schema';
import { PackageURL } from 'packageurl-js';
import { formatPurl, normalizePypiName } from '../purl.js';
import { redactUrl } from '../redact.js';
import { specPackage } from '../spec.js';
import { Hash, type Component } from './schema.js';

/** Component types that are software to install; the others (device, file, data, ...) are named in `group`. */
const SOFTWARE: readonly string[] = ['application', 'framework', 'library'];
/** Ecosystems whose purl namespace is the vendor, not a part of the name. */
const VENDORED: readonly string[] = ['deb', 'rpm', 'apk', 'alpm', 'conda'];

export interface ReadComponent {
  readonly package: SpecPackage;
  readonly problems: readonly SpecProblem[];
}

/** @returns null when the component has no name */
export function readComponent(component: Component, line: number | null): ReadComponent | null {
  const { name, version, versionRange } = component;
  if (name === undefined || name === '') return null;
  const problems: SpecProblem[] = [];
  const purl = component.purl === undefined ? null : parsePurl(component.purl);
  if (purl === null && component.purl !== undefined) {
    const message = `The purl of ${name} is not valid: ${redactUrl(component.purl).url.slice(0, 200)}`;
    problems.push({ reason: 'name-invalid', message, line });
  }
  const hashes = readHashes(component, name, line, problems);
  const isVersioned = version !== undefined && version !== '';
  return {
    package: specPackage({
      ecosystem: purl?.type ?? 'generic',
      name,
      normalizedName: purl?.fullName ?? name,
      version: isVersioned ? version : null,
      specifier: versionRange ?? null,
      standing: 'observed',
      purl: purl?.text ?? null,
      hashes,
      group: groupOf(component),
      line,
      skipReason: isVersioned ? null : versionDoubt(versionRange),
    }),
    problems,
  };
}

function versionDoubt(versionRange: string | undefined): SkipReason {
  return versionRange === undefined ? 'no-version' : 'version-range';
}

function parsePurl(text: string): { type: string; fullName: string; text: string } | null {
  let purl: PackageURL;
  try {
    purl = PackageURL.fromString(text);
  } catch {
    return null;
  }
  const { type, namespace, name, version, qualifiers, subpath } = purl;
  if (!type || !name) return null;
  const canonical = formatPurl({
    type,
    name,
    ...(namespace ? { namespace } : {}),
    ...(version ? { version } : {}),
    ...(qualifiers ? { qualifiers } : {}),
    ...(subpath ? { subpath } : {}),
  });
  const ownName = type === 'pypi' ? normalizePypiName(name) : name;
  const isPart = namespace && !VENDORED.includes(type);
  return canonical === null ? null : { type, fullName: isPart ? `${namespace}/${ownName}` : ownName, text: canonical };
}

function readHashes(component: Component, name: string, line: number | null, problems: SpecProblem[]): string[] {
  const hashes: string[] = [];
  for (const value of component.hashes ?? []) {
    const hash = Hash.safeParse(value);
    if (hash.success && /^[0-9a-fA-F]{32,128}$/.test(hash.data.content)) {
      // SHA-256 is written sha256, SHA3-256 sha3-256: the spelling of digests elsewhere.
      const algorithm = hash.data.alg.toLowerCase().replace(/^sha-/, 'sha');
      hashes.push(`${algorithm}:${hash.data.content.toLowerCase()}`);
    } else {
      problems.push({ reason: 'syntax-invalid', message: `A hash of ${name} is not hexadecimal.`, line });
    }
  }
  return hashes;
}

function groupOf(component: Component): string | null {
  if (component.type !== undefined && !SOFTWARE.includes(component.type)) return component.type;
  // `required` is the default scope.
  return component.scope === undefined || component.scope === 'required' ? null : component.scope;
}

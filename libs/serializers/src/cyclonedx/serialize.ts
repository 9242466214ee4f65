import { canonicalJson, type EnvironmentManifest, type ManifestPackage, type ScopeKind } from '@envarium/schema';
import { fileHashes } from '../file-hashes.js';
import { uuidOf } from '../name-uuid.js';

/** https://cyclonedx.org/docs/1.6/json/ */
export const CYCLONEDX_MEDIA_TYPE = 'application/vnd.cyclonedx+json';
const SPEC_VERSION = '1.6';

/** What the bill of materials is about: a version of a record. */
export interface BomSubject {
  readonly name: string;
  readonly version: string;
}

const HASH_ALGORITHMS: ReadonlyMap<string, string> = new Map([
  ['md5', 'MD5'],
  ['sha1', 'SHA-1'],
  ['sha256', 'SHA-256'],
  ['sha384', 'SHA-384'],
  ['sha512', 'SHA-512'],
]);

interface Property {
  readonly name: string;
  readonly value: string;
}

/**
 * The environment manifest as a CycloneDX bill of materials. Equal input gives equal bytes: there is no time stamp, and
 * the serial number follows from the content. Packages that the files only ask for are listed without a version.
 */
export function serializeCycloneDx(manifest: EnvironmentManifest, subject: BomSubject): Buffer {
  const components = manifest.scopes.flatMap((scope) => scope.packages.map((each) => component(each, scope.kind)));
  const properties = subjectProperties(manifest);
  const content = {
    bomFormat: 'CycloneDX',
    specVersion: SPEC_VERSION,
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': 'environment',
        name: subject.name,
        version: subject.version,
        ...(properties.length > 0 && { properties }),
      },
    },
    components: components.map((each, index) => ({ 'bom-ref': `package-${index + 1}`, ...each })),
    // What no file speaks of may be there all the same.
    compositions: [
      { aggregate: manifest.notUnderstood.length > 0 ? 'incomplete' : 'unknown', assemblies: ['environment'] },
    ],
  };
  return canonicalJson({ ...content, serialNumber: `urn:uuid:${uuidOf(canonicalJson(content))}` });
}

function subjectProperties(manifest: EnvironmentManifest): Property[] {
  const images = manifest.baseImages.map(({ reference }) => ({ name: 'envarium:base-image', value: reference }));
  const runtimes = manifest.scopes.flatMap((scope) =>
    scope.runtimes.map(({ name, version, specifier }) => ({
      name: `envarium:runtime:${name}`,
      value: version ?? specifier ?? '',
    })),
  );
  return [...images, ...runtimes];
}

function component(each: ManifestPackage, scope: ScopeKind): object {
  const hashes = fileHashes(each.hashes).flatMap(({ algorithm, hex }) => {
    const alg = HASH_ALGORITHMS.get(algorithm);
    return alg === undefined ? [] : [{ alg, content: hex }];
  });
  return {
    type: 'library',
    name: each.name,
    ...(each.version !== null && { version: each.version }),
    ...(each.purl !== null && { purl: each.purl }),
    ...(hashes.length > 0 && { hashes }),
    properties: packageProperties(each, scope),
  };
}

function packageProperties(each: ManifestPackage, scope: ScopeKind): Property[] {
  const values: Readonly<Record<string, string | null>> = {
    ecosystem: each.ecosystem,
    scope,
    standing: each.standing,
    specifier: each.specifier,
    build: each.build,
  };
  const stated = Object.entries(values).flatMap(([name, value]) =>
    value === null || value === '' ? [] : [{ name: `envarium:${name}`, value }],
  );
  const evidence = each.evidence.map(({ file, line }) => ({
    name: 'envarium:evidence',
    value: line === null ? file : `${file}:${line}`,
  }));
  return [...stated, ...evidence];
}

import { createHash } from 'node:crypto';
import { canonicalJson, type EnvironmentManifest, type ManifestPackage, type ScopeKind } from '@envarium/schema';

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

/**
 * The environment manifest as a CycloneDX bill of materials. Equal input gives equal bytes: there is no time stamp, and
 * the serial number follows from the content. Packages that the files only ask for are listed without a version.
 */
export function serializeCycloneDx(manifest: EnvironmentManifest, subject: BomSubject): Buffer {
  const components = manifest.scopes.flatMap((scope) => scope.packages.map((each) => component(each, scope.kind)));
  const content = {
    bomFormat: 'CycloneDX',
    specVersion: SPEC_VERSION,
    version: 1,
    metadata: { component: { type: 'application', 'bom-ref': 'environment', ...subject } },
    components: components.map((each, index) => ({ 'bom-ref': `package-${index + 1}`, ...each })),
  };
  return canonicalJson({ ...content, serialNumber: `urn:uuid:${uuidOf(canonicalJson(content))}` });
}

function component(each: ManifestPackage, scope: ScopeKind): object {
  const hashes = each.hashes.flatMap((hash) => {
    const [algorithm = '', content = ''] = hash.split(':', 2);
    const alg = HASH_ALGORITHMS.get(algorithm);
    return alg === undefined ? [] : [{ alg, content }];
  });
  return {
    type: 'library',
    name: each.name,
    ...(each.version !== null && { version: each.version }),
    ...(each.purl !== null && { purl: each.purl }),
    ...(hashes.length > 0 && { hashes }),
    properties: properties(each, scope),
  };
}

function properties(each: ManifestPackage, scope: ScopeKind): { name: string; value: string }[] {
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

/** A name-based UUID (RFC 9562 section 5.8, version 8): the same content has the same serial number. */
function uuidOf(content: Uint8Array): string {
  const bytes = createHash('sha256').update(content).digest().subarray(0, 16);
  bytes[6] = (bytes.readUInt8(6) & 0x0f) | 0x80;
  bytes[8] = (bytes.readUInt8(8) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

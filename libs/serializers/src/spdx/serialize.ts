import { canonicalJson, type EnvironmentManifest, type ManifestPackage } from '@envarium/schema';
import type { BomSubject } from '../cyclonedx/serialize.js';
import { fileHashes } from '../file-hashes.js';
import { uuidOf } from '../name-uuid.js';

/** https://spdx.github.io/spdx-spec/v2.3/ */
export const SPDX_MEDIA_TYPE = 'application/spdx+json';

/** The specification asks for a time: that of the version, so that it is the same whenever the document is made. */
export interface SpdxSubject extends BomSubject {
  /** ISO 8601 in UTC */
  readonly created: string;
}

const ROOT = 'SPDXRef-Environment';
const ADDRESS =
  /^https?:\/\/[A-Za-z0-9][A-Za-z0-9.-]*(?::\d+)?\/[\w.~:/@!$&'()*+,;=%-]+\.(?:whl|zip|tgz|gz|bz2|xz|conda|crate)$/;

/**
 * The environment manifest as an SPDX 2.3 document. Equal input gives equal bytes. What the environment has is CONTAINS,
 * what its files only ask for DEPENDS_ON, without a version.
 */
export function serializeSpdx(manifest: EnvironmentManifest, subject: SpdxSubject): Buffer {
  const found = manifest.scopes.flatMap((scope) => scope.packages.map((each) => ({ ...each, scope: scope.kind })));
  const named = found.map((each, index) => ({ id: `SPDXRef-Package-${index + 1}`, each }));
  const content = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: `${subject.name} ${subject.version}`,
    creationInfo: { created: subject.created.replace(/\.\d+Z$/, 'Z'), creators: ['Tool: envarium'] },
    packages: [rootPackage(manifest, subject), ...named.map(({ id, each }) => spdxPackage(id, each, each.scope))],
    relationships: [
      relationship('SPDXRef-DOCUMENT', 'DESCRIBES', ROOT),
      ...named.map(({ id, each }) => relationship(ROOT, each.version === null ? 'DEPENDS_ON' : 'CONTAINS', id)),
    ],
  };
  return canonicalJson({ ...content, documentNamespace: `urn:uuid:${uuidOf(canonicalJson(content))}` });
}

function rootPackage(manifest: EnvironmentManifest, { name, version }: SpdxSubject): object {
  const images = manifest.baseImages.map(({ reference }) => `Base image ${reference}.`);
  const unread = manifest.notUnderstood.length;
  const remarks = [
    ...images,
    ...(unread === 0 ? [] : [`${unread} statements of the package files were not understood.`]),
  ];
  return {
    SPDXID: ROOT,
    name,
    versionInfo: version,
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    primaryPackagePurpose: 'APPLICATION',
    ...(remarks.length > 0 && { comment: remarks.join('\n') }),
  };
}

function spdxPackage(id: string, each: ManifestPackage, scope: string): object {
  const checksums = fileHashes(each.hashes).map(({ algorithm, hex }) => ({
    algorithm: algorithm.toUpperCase(),
    checksumValue: hex,
  }));
  return {
    SPDXID: id,
    name: each.name,
    ...(each.version !== null && { versionInfo: each.version }),
    downloadLocation: each.source !== null && ADDRESS.test(each.source) ? each.source : 'NOASSERTION',
    filesAnalyzed: false,
    primaryPackagePurpose: 'LIBRARY',
    sourceInfo: sourceInfo(each, scope),
    ...(checksums.length > 0 && { checksums }),
    ...(each.purl !== null && {
      externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: each.purl }],
    }),
  };
}

function sourceInfo({ ecosystem, standing, specifier, build, evidence }: ManifestPackage, scope: string): string {
  const facts = [
    `${ecosystem}, ${standing} in the ${scope} scope`,
    ...(specifier === null ? [] : [`as written: ${specifier}`]),
    ...(build === null || build === '' ? [] : [`build ${build}`]),
    ...evidence.map(({ file, line }) => (line === null ? file : `${file}:${line}`)),
  ];
  return facts.join('; ');
}

function relationship(spdxElementId: string, relationshipType: string, relatedSpdxElement: string): object {
  return { spdxElementId, relationshipType, relatedSpdxElement };
}

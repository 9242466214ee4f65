import type { SpdxFacts } from './spdx-package.js';
import { Checksum, ExternalRef, type SpdxPackage } from './schema.js';

/** SPDX 2.x in JSON. @returns null when the package has no name */
export function readPackage(written: SpdxPackage, line: number | null): SpdxFacts | null {
  const { name, versionInfo, downloadLocation, primaryPackagePurpose } = written;
  if (name === undefined || name === '') return null;
  const checksums = (written.checksums ?? []).map((value) => {
    const checksum = Checksum.safeParse(value).data;
    return { algorithm: checksum?.algorithm ?? '', value: checksum?.checksumValue ?? '' };
  });
  const purls = (written.externalRefs ?? []).flatMap((value) => {
    const reference = ExternalRef.safeParse(value).data;
    // Early tools write the whole URI, http://spdx.org/rdf/references/purl.
    const isPurl = reference !== undefined && /(?:^|\/)purl$/.test(reference.referenceType);
    return isPurl ? [reference.referenceLocator] : [];
  });
  const purpose = primaryPackagePurpose?.toLowerCase().replaceAll('_', '-');
  return { name, version: versionInfo, downloadLocation, purpose, purls, checksums, line };
}

import { MOST_DIGESTS } from '../foreign-facts.js';
import type { SpdxFacts } from './spdx-package.js';
import { Checksum, ExternalRef, type SpdxPackage } from './schema.js';

/** Far more than tools write: mostly one purl and some CPEs. */
const MOST_REFERENCES = 1000;

/** SPDX 2.x in JSON. @returns null when the package has no name */
export function readPackage(written: SpdxPackage, line: number | null): SpdxFacts | null {
  const { name, versionInfo, downloadLocation, primaryPackagePurpose } = written;
  if (name === undefined || name === '') return null;
  const checksums = (written.checksums ?? []).slice(0, MOST_DIGESTS).map((value) => {
    const checksum = Checksum.safeParse(value).data;
    return { algorithm: checksum?.algorithm ?? '', value: checksum?.checksumValue ?? '' };
  });
  const purls = (written.externalRefs ?? []).slice(0, MOST_REFERENCES).flatMap((value) => {
    const reference = ExternalRef.safeParse(value).data;
    // Early tools write the whole URI, http://spdx.org/rdf/references/purl.
    const isPurl = reference !== undefined && /(?:^|\/)purl$/.test(reference.referenceType);
    return isPurl ? [reference.referenceLocator] : [];
  });
  const purpose = primaryPackagePurpose?.toLowerCase().replaceAll('_', '-');
  return { name, version: versionInfo, downloadLocation, purpose, purls, checksums, line };
}

import { z } from 'zod';

const Text = z.string().optional().catch(undefined);
/** Only arrays are read; their elements are checked one by one, so that a broken one does not lose the others. */
const Items = z.array(z.unknown()).optional().catch(undefined);

/** https://spdx.github.io/spdx-spec/v2.3/, the members that are read */
export const SpdxDocument = z.object({ spdxVersion: z.string().startsWith('SPDX-'), packages: Items });
export type SpdxDocument = z.infer<typeof SpdxDocument>;

export const SpdxPackage = z.object({
  name: Text,
  versionInfo: Text,
  downloadLocation: Text,
  primaryPackagePurpose: Text,
  externalRefs: Items,
  checksums: Items,
});
export type SpdxPackage = z.infer<typeof SpdxPackage>;

export const ExternalRef = z.object({ referenceType: z.string(), referenceLocator: z.string() });
export const Checksum = z.object({ algorithm: z.string(), checksumValue: z.string() });

/** https://spdx.github.io/spdx-spec/v3.0.1/serializations/ */
export const LinkedDocument = z.object({
  '@context': z.union([z.string(), z.array(z.unknown())]),
  '@graph': Items,
});

const Names = z.union([z.string().transform((name) => [name]), z.array(z.string())]).catch([]);

export const Element = z.object({
  type: Names.optional(),
  '@type': Names.optional(),
  spdxId: Text,
  '@id': Text,
  name: Text,
  specVersion: Text,
  software_packageVersion: Text,
  software_downloadLocation: Text,
  software_packageUrl: Text,
  software_primaryPurpose: Text,
  externalIdentifier: Items,
  verifiedUsing: Items,
});
export type Element = z.infer<typeof Element>;

export const ExternalIdentifier = z.object({ externalIdentifierType: z.string(), identifier: z.string() });
export const Hash = z.object({ type: z.literal('Hash'), algorithm: z.string(), hashValue: z.string() });

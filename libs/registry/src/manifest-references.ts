import { ArchiveError } from '@envarium/errors';
import type { Transaction } from '@envarium/journal';
import { isManifestMediaType, type ParsedManifest } from '@envarium/oci';

/** Digests that are reported as missing at most. */
const REPORTED = 20;

interface Present {
  readonly digest: string;
}

/**
 * What a manifest names must be in its repository already, or a pull would fail years later. Inside a transaction the rows
 * found are held until its end, so that neither a deletion nor the collector takes away what was just seen.
 * @throws ArchiveError MANIFEST_BLOB_UNKNOWN
 */
export async function requireReferences(tx: Transaction, repositoryId: bigint, parsed: ParsedManifest): Promise<void> {
  const required = parsed.references.filter((reference) => !reference.isOptional);
  const children = required.filter(
    ({ kind, descriptor }) => kind === 'child' && isManifestMediaType(descriptor.mediaType),
  );
  const blobs = required.filter((reference) => !children.includes(reference));
  const present = new Set([
    ...(await presentManifests(tx, repositoryId, digestsOf(children))),
    ...(await presentBlobs(tx, repositoryId, digestsOf(blobs))),
  ]);
  const missing = digestsOf(required).filter((digest) => !present.has(digest));
  if (missing.length > 0) throw new ArchiveError('MANIFEST_BLOB_UNKNOWN', { missing: missing.slice(0, REPORTED) });
}

async function presentManifests(tx: Transaction, repositoryId: bigint, digests: string[]): Promise<string[]> {
  if (digests.length === 0) return [];
  const rows = await tx.$queryRaw<Present[]>`
    SELECT m.digest FROM repository_manifest p JOIN image_manifest m ON m.id = p.manifest_id
    WHERE p.repository_id = ${repositoryId} AND m.digest = ANY(${digests}::text[])
    ORDER BY p.manifest_id FOR SHARE OF p`;
  return rows.map(({ digest }) => digest);
}

async function presentBlobs(tx: Transaction, repositoryId: bigint, digests: string[]): Promise<string[]> {
  if (digests.length === 0) return [];
  const rows = await tx.$queryRaw<Present[]>`
    SELECT b.digest FROM repository_blob p JOIN blob b ON b.id = p.blob_id
    WHERE p.repository_id = ${repositoryId} AND b.digest = ANY(${digests}::text[]) AND b.state = 'ok'
    ORDER BY b.id FOR SHARE OF p, b`;
  return rows.map(({ digest }) => digest);
}

function digestsOf(references: ParsedManifest['references']): string[] {
  return [...new Set(references.map(({ descriptor }) => descriptor.digest))];
}

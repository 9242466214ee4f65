import type { Prisma } from '@envarium/database';
import type { RecordEvent, Transaction } from '@envarium/journal';
import { type Digest, isManifestMediaType, type ParsedManifest } from '@envarium/oci';
import type { ContentService } from './content.service.js';

export interface NewManifest {
  readonly digest: Digest;
  readonly size: number;
  readonly parsed: ParsedManifest;
}

export interface Pushed {
  readonly repositoryId: bigint;
  readonly at: Date;
  readonly by: string;
}

/**
 * The rows of one image manifest in one repository: blob, manifest, its references, and what it makes visible. Used by
 * a push and by reindex alike, so that both give the same rows. Safe to repeat.
 * @param record tells of a manifest whose bytes were healed by this push; null for a replay
 * @returns id of the manifest, and whether the repository had it already
 */
export async function insertManifest(
  tx: Transaction,
  content: ContentService,
  manifest: NewManifest,
  pushed: Pushed,
  record: RecordEvent | null = null,
): Promise<{ id: bigint; isNew: boolean }> {
  const { digest, size, parsed } = manifest;
  const blobs = await content.register(tx, [{ digest, size }], record);
  const blobId = blobs.get(digest);
  if (blobId === undefined) throw new Error(`blob row of ${digest} is missing after its insertion`);
  const inserted = await tx.imageManifest.createMany({
    data: [
      {
        blobId,
        digest,
        mediaType: parsed.mediaType,
        kind: parsed.kind,
        artifactType: parsed.artifactType ?? parsed.config?.mediaType ?? null,
        subjectDigest: parsed.subject?.digest ?? null,
        annotations: { ...parsed.annotations },
      },
    ],
    skipDuplicates: true,
  });
  const { id } = await tx.imageManifest.findUniqueOrThrow({ where: { digest }, select: { id: true } });
  if (inserted.count > 0) await insertReferences(tx, id, parsed);
  const attached = await tx.repositoryManifest.createMany({
    data: [{ repositoryId: pushed.repositoryId, manifestId: id, pushedAt: pushed.at, pushedBy: pushed.by }],
    skipDuplicates: true,
  });
  return { id, isNew: attached.count > 0 };
}

/** The blobs that a manifest names and that must be there: config and layers, and children that are no manifests. */
export function namedBlobs(parsed: ParsedManifest): { digest: string; size: number }[] {
  return parsed.references
    .filter(
      ({ kind, descriptor }) => kind !== 'subject' && !(kind === 'child' && isManifestMediaType(descriptor.mediaType)),
    )
    .map(({ descriptor }) => ({ digest: descriptor.digest, size: descriptor.size }));
}

async function insertReferences(tx: Transaction, manifestId: bigint, parsed: ParsedManifest): Promise<void> {
  await tx.manifestReference.createMany({
    data: parsed.references.map(({ kind, descriptor }, position) => ({
      manifestId,
      position,
      kind,
      digest: descriptor.digest,
      mediaType: descriptor.mediaType,
      size: BigInt(descriptor.size),
      ...(descriptor.platform !== undefined && { platform: asJson(descriptor.platform) }),
    })),
  });
}

/** Platforms are open objects that came out of JSON: their type does not say so, their bytes do. */
function asJson(value: object): Prisma.InputJsonValue {
  return JSON.parse(JSON.stringify(value)) as Prisma.InputJsonValue;
}

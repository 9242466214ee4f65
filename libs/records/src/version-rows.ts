import { insertEnvironmentManifest, insertHardware } from '@envarium/environments';
import type { Transaction } from '@envarium/journal';
import type { ContentService } from '@envarium/registry';
import { EnvironmentManifest, HardwareFingerprint, type RecordDocument } from '@envarium/schema';
import { parseDigest } from '@envarium/oci';

/** An environment manifest of 200,000 packages fits well. */
const DOCUMENT_LIMIT = 256 * 1024 * 1024;

export interface VersionDocument {
  readonly document: RecordDocument;
  readonly documentDigest: string;
}

/**
 * The rows of a version in work, out of its document alone: a deposit and reindex both come through here, so both give
 * the same rows. A draft that exists is replaced.
 */
export async function writeDraft(
  tx: Transaction,
  content: ContentService,
  record: { id: bigint; repositoryId: bigint },
  { document, documentDigest }: VersionDocument,
): Promise<bigint> {
  const stored = [document.environment, document.hardware].filter((each) => each !== null);
  const blobs = await content.register(tx, [...document.packageFiles, ...stored]);
  await content.attach(tx, record.repositoryId, blobs.values());
  const environmentManifestId = await environmentRow(tx, content, document);
  const hardwareId = await hardwareRow(tx, content, document);
  const changing = {
    state: 'draft',
    title: document.title,
    description: document.description,
    documentDigest,
    imageDigest: document.image?.digest ?? null,
    environmentManifestId,
    hardwareId,
  } as const;
  const { id } = await tx.recordVersion.upsert({
    where: { recordId_number: { recordId: record.id, number: document.version } },
    create: {
      ...changing,
      recordId: record.id,
      number: document.version,
      createdAt: document.createdAt,
      createdBy: document.createdBy,
    },
    update: changing,
    select: { id: true },
  });
  await tx.packageFile.deleteMany({ where: { versionId: id } });
  await tx.packageFile.createMany({
    data: document.packageFiles.map((file) => ({ ...file, size: BigInt(file.size), versionId: id })),
  });
  return id;
}

async function environmentRow(
  tx: Transaction,
  content: ContentService,
  document: RecordDocument,
): Promise<bigint | null> {
  if (document.environment === null) return null;
  const bytes = await content.read(parseDigest(document.environment.digest), DOCUMENT_LIMIT);
  const manifest = EnvironmentManifest.parse(JSON.parse(bytes.toString('utf8')));
  return await insertEnvironmentManifest(tx, document.environment, manifest);
}

async function hardwareRow(tx: Transaction, content: ContentService, document: RecordDocument): Promise<bigint | null> {
  if (document.hardware === null) return null;
  const bytes = await content.read(parseDigest(document.hardware.digest), DOCUMENT_LIMIT);
  return await insertHardware(tx, document.hardware, HardwareFingerprint.parse(JSON.parse(bytes.toString('utf8'))));
}

import type { Prisma } from '@envarium/database';
import { insertEnvironmentManifest } from '@envarium/environments';
import { ArchiveError } from '@envarium/errors';
import type { Transaction } from '@envarium/journal';
import type {
  ClosureDocument,
  EnvironmentManifest,
  FileListDocument,
  ReceiptDocument,
  RecipeDocument,
} from '@envarium/schema';

/*
 * The rows of recipes, closures, file lists and receipts, out of their documents alone: what is archived now and what a
 * reindex finds both come through here. All are safe to repeat; each says whether the row is new.
 */

export async function writeRecipe(tx: Transaction, artifactDigest: string, document: RecipeDocument): Promise<boolean> {
  const versionId = await versionIdOf(tx, document.record.id, document.version);
  const { createdAt, createdBy } = document;
  const { count } = await tx.recipe.createMany({
    data: [{ versionId, artifactDigest, document: asJson(document), createdAt, createdBy }],
    skipDuplicates: true,
  });
  return count > 0;
}

/** @throws ArchiveError RECIPE_UNKNOWN */
export async function writeClosure(
  tx: Transaction,
  artifactDigest: string,
  document: ClosureDocument,
): Promise<boolean> {
  const versionId = await versionIdOf(tx, document.record.id, document.version);
  const recipe = await tx.recipe.findUnique({
    where: { artifactDigest: document.recipeDigest, versionId },
    select: { id: true },
  });
  if (recipe === null) throw new ArchiveError('RECIPE_UNKNOWN', { recipe: document.recipeDigest });
  const { image, recordedAt, recordedBy } = document;
  const { count } = await tx.closure.createMany({
    data: [
      {
        versionId,
        recipeId: recipe.id,
        artifactDigest,
        imageDigest: image.digest,
        document: asJson(document),
        recordedAt,
        recordedBy,
      },
    ],
    skipDuplicates: true,
  });
  return count > 0;
}

export interface FileListContent {
  readonly document: FileListDocument;
  /** What `document.environment` names. */
  readonly environment: EnvironmentManifest | null;
}

/** One list for each image and set of rules: the first stays. */
export async function writeFileList(
  tx: Transaction,
  artifactDigest: string,
  { document, environment }: FileListContent,
  createdAt: Date,
): Promise<boolean> {
  if (document.environment !== undefined && environment !== null) {
    await insertEnvironmentManifest(tx, document.environment, environment);
  }
  const { imageDigest, noisePolicy } = document;
  const { count } = await tx.fileList.createMany({
    data: [{ imageDigest, noisePolicy, artifactDigest, document: asJson(document), createdAt }],
    skipDuplicates: true,
  });
  return count > 0;
}

/** @param statement what was signed */
export async function writeReceipt(
  tx: Transaction,
  artifactDigest: string,
  document: ReceiptDocument,
  statement: object,
): Promise<boolean> {
  const { id: publicId, record, version, runId, schemaVersion: _, ...rest } = document;
  const { count } = await tx.receipt.createMany({
    data: [
      {
        ...rest,
        publicId,
        artifactDigest,
        versionId: await versionIdOf(tx, record.id, version),
        runId: runId === null ? null : await runIdOf(tx, runId),
        statement: asJson(statement),
      },
    ],
    skipDuplicates: true,
  });
  return count > 0;
}

async function versionIdOf(tx: Transaction, recordId: string, number: number): Promise<bigint> {
  const version = await tx.recordVersion.findFirst({
    where: { record: { publicId: recordId }, number },
    select: { id: true },
  });
  if (version === null) throw new ArchiveError('VERSION_UNKNOWN', { record: recordId, version: number });
  return version.id;
}

async function runIdOf(tx: Transaction, publicId: string): Promise<bigint> {
  const run = await tx.run.findUnique({ where: { publicId }, select: { id: true } });
  if (run === null) throw new ArchiveError('RUN_UNKNOWN', { run: publicId });
  return run.id;
}

/** Documents were checked by their schema, whose types do not say that they are JSON. */
function asJson(value: object): Prisma.InputJsonObject {
  return JSON.parse(JSON.stringify(value)) as Prisma.InputJsonObject;
}

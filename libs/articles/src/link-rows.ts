import { ArchiveError } from '@envarium/errors';
import type { Transaction } from '@envarium/journal';
import { canonicalJson, type LinkDocument } from '@envarium/schema';
import { digestOf } from '@envarium/oci';

/** The claim itself, without who makes it and when: the same claim again is the same claim. */
export function claimDigest(document: LinkDocument): string {
  const { schemaVersion, record, version, article, output, run } = document;
  const { asPrinted: _, ...label } = output;
  return digestOf(canonicalJson({ schemaVersion, record, version, doi: article.doi, output: label, run }));
}

/** The rows of a link, out of its document alone; a new link and reindex both come through here. */
export async function writeLink(tx: Transaction, document: LinkDocument, artifactDigest: string): Promise<void> {
  const at = new Date(document.assertedAt);
  const version = await tx.recordVersion.findFirst({
    where: { record: { publicId: document.record.id }, number: document.version },
    select: { id: true },
  });
  if (version === null)
    throw new ArchiveError('VERSION_UNKNOWN', { record: document.record.id, version: document.version });
  const { doi, asGiven, title } = document.article;
  const article = await tx.article.upsert({
    where: { doi },
    create: { doi, asGiven, title, createdAt: at },
    update: title === null ? {} : { title },
    select: { id: true },
  });
  const { scope, kind, number, panel, asPrinted, componentDoi } = document.output;
  const key = { articleId: article.id, scope, kind, number, panel: panel ?? '' };
  const output = await tx.output.upsert({
    where: { articleId_scope_kind_number_panel: key },
    create: { ...key, asPrinted, componentDoi, createdAt: at },
    update: componentDoi === null ? {} : { componentDoi },
    select: { id: true },
  });
  const run = await tx.run.create({
    data: {
      publicId: document.runId,
      versionId: version.id,
      contentDigest: claimDigest(document),
      artifactDigest,
      command: document.run.command,
      createdAt: at,
      inputs: { create: document.run.inputs.map((file, position) => ({ ...file, size: BigInt(file.size), position })) },
      files: { create: document.run.files.map((file, position) => ({ ...file, size: BigInt(file.size), position })) },
    },
    select: { id: true },
  });
  await tx.outputLink.create({
    data: {
      outputId: output.id,
      runId: run.id,
      status: 'proposed',
      assertedBy: document.assertedBy,
      assertedRole: document.assertedRole,
      assertedAt: at,
    },
  });
}

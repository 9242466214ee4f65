import { toVersionRow, type VersionSql } from '@envarium/records';
import type { LinkRow } from './article.presenter.js';

interface FileJson {
  readonly name: string;
  readonly digest: string;
  readonly size: number;
}

/** One row of the links query; names are those of the columns, with the table where two have the same. */
export interface LinkSql extends VersionSql {
  readonly run_id: bigint;
  readonly output_id: bigint;
  readonly status: LinkRow['status'];
  readonly asserted_by: string;
  readonly asserted_role: LinkRow['assertedRole'];
  readonly asserted_at: Date;
  readonly scope: LinkRow['output']['scope'];
  readonly kind: string;
  readonly output_number: string;
  readonly panel: string;
  readonly as_printed: string;
  readonly component_doi: string | null;
  readonly doi: string;
  readonly article_title: string | null;
  readonly run_public_id: string;
  readonly command: string | null;
  readonly artifact_digest: string;
  readonly inputs: readonly FileJson[];
  readonly files: readonly FileJson[];
}

/** The row that Prisma would have made of the same link. */
export function toLinkRow(row: LinkSql): LinkRow {
  return {
    runId: row.run_id,
    outputId: row.output_id,
    status: row.status,
    assertedBy: row.asserted_by,
    assertedRole: row.asserted_role,
    assertedAt: row.asserted_at,
    output: {
      id: row.output_id,
      scope: row.scope,
      kind: row.kind,
      number: row.output_number,
      panel: row.panel,
      asPrinted: row.as_printed,
      componentDoi: row.component_doi,
      article: { doi: row.doi, title: row.article_title },
    },
    run: {
      publicId: row.run_public_id,
      command: row.command,
      artifactDigest: row.artifact_digest,
      inputs: row.inputs.map(toFileRow),
      files: row.files.map(toFileRow),
      version: toVersionRow(row),
    },
  };
}

function toFileRow({ name, digest, size }: FileJson): { name: string; digest: string; size: bigint } {
  return { name, digest, size: BigInt(size) };
}

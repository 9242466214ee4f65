import { type Principal, versionsReadableSql } from '@envarium/access';
import { Prisma, type PrismaService } from '@envarium/database';
import { VERSION_COLUMNS } from '@envarium/records';
import type { LinkRow } from './article.presenter.js';
import { type LinkSql, toLinkRow } from './link-sql.js';
import type { OutputLabel } from './output-label.js';

/** What is asked for. A DOI without a label may be a figure's own; of an article it asks for everything. */
export type LinkQuestion =
  | { readonly file: string }
  | { readonly doi: string; readonly label: OutputLabel }
  | { readonly doi: string; readonly label: null };

/** The last link of the page before. */
export interface LinkKey {
  readonly runId: bigint;
  readonly outputId: bigint;
}

/**
 * The links that answer a question, newest run first, as far as the principal may see them. One statement: through the
 * relations of Prisma it is a dozen, and this service exists for this question. The keys are found before anything is
 * sorted, or PostgreSQL would walk all links from the newest down, because a page is short.
 */
export async function findLinks(
  prisma: PrismaService,
  principal: Principal,
  question: LinkQuestion,
  page: { readonly limit: number; readonly after: LinkKey | null },
): Promise<LinkRow[]> {
  const { limit, after } = page;
  const isAfter =
    after === null ? Prisma.empty : Prisma.sql`AND (l.run_id, l.output_id) < (${after.runId}, ${after.outputId})`;
  const rows = await prisma.$queryRaw<LinkSql[]>`
    WITH asked AS MATERIALIZED (${askedSql(question)}),
    readable AS MATERIALIZED (
      SELECT l.run_id, l.output_id
      FROM asked l
      JOIN run r ON r.id = l.run_id
      JOIN record_version v ON v.id = r.version_id
      JOIN archive_record p ON p.id = v.record_id
      JOIN repository n ON n.id = p.repository_id
      WHERE ${versionsReadableSql(principal)} ${isAfter}
      ORDER BY l.run_id DESC, l.output_id DESC
      LIMIT ${limit}
    )
    SELECT l.run_id, l.output_id, l.status::text, l.asserted_by, l.asserted_role::text, l.asserted_at,
           o.scope::text, o.kind, o.number AS output_number, o.panel, o.as_printed, o.component_doi,
           a.doi, a.title AS article_title, r.public_id AS run_public_id, r.command, r.artifact_digest,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('name', f.name, 'digest', f.digest, 'size', f.size) ORDER BY f.position), '[]')
            FROM run_input f WHERE f.run_id = r.id) AS inputs,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('name', f.name, 'digest', f.digest, 'size', f.size) ORDER BY f.position), '[]')
            FROM run_file f WHERE f.run_id = r.id) AS files,
           ${VERSION_COLUMNS}
    FROM readable k
    JOIN output_link l ON l.run_id = k.run_id AND l.output_id = k.output_id
    JOIN output o ON o.id = l.output_id
    JOIN article a ON a.id = o.article_id
    JOIN run r ON r.id = l.run_id
    JOIN record_version v ON v.id = r.version_id
    JOIN archive_record p ON p.id = v.record_id
    JOIN repository n ON n.id = p.repository_id
    LEFT JOIN environment_manifest e ON e.id = v.environment_manifest_id
    LEFT JOIN hardware_fingerprint h ON h.id = v.hardware_id
    ORDER BY l.run_id DESC, l.output_id DESC`;
  return rows.map(toLinkRow);
}

/** Keys of all links that the question means, each once. */
function askedSql(question: LinkQuestion): Prisma.Sql {
  if ('file' in question) {
    return Prisma.sql`
      SELECT DISTINCT l.run_id, l.output_id FROM run_file f JOIN output_link l ON l.run_id = f.run_id
      WHERE f.digest = ${question.file}`;
  }
  const { doi, label } = question;
  if (label === null) {
    return Prisma.sql`
      SELECT l.run_id, l.output_id FROM output o JOIN output_link l ON l.output_id = o.id WHERE o.component_doi = ${doi}
      UNION
      SELECT l.run_id, l.output_id FROM article a JOIN output o ON o.article_id = a.id JOIN output_link l ON l.output_id = o.id
      WHERE a.doi = ${doi}`;
  }
  const { scope, kind, number, panel } = label;
  return Prisma.sql`
    SELECT l.run_id, l.output_id FROM article a JOIN output o ON o.article_id = a.id JOIN output_link l ON l.output_id = o.id
    WHERE a.doi = ${doi} AND o.scope = ${scope}::output_scope AND o.kind = ${kind} AND o.number = ${number}
      AND o.panel = ${panel ?? ''}`;
}

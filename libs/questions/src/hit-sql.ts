import { presentArticle, presentOutput } from '@envarium/articles';
import { Prisma } from '@envarium/database';
import { presentVersion, toVersionRow, VERSION_COLUMNS, type VersionSql } from '@envarium/records';
import type { RecordVersion, UsedOutput } from '@envarium/schema';

/** Outputs shown with a hit; the links of its version have all. */
const OUTPUTS = 20;

/** A version and what it led to: the columns that every hit has, of the tables of `HIT_TABLES`. */
export const HIT_COLUMNS = Prisma.sql`${VERSION_COLUMNS}, (
  SELECT coalesce(jsonb_agg(to_jsonb(made) ORDER BY made.run_id DESC, made.id DESC), '[]') FROM (
    SELECT r.id AS run_id, r.public_id, l.status::text, o.id, o.scope::text, o.kind, o.number, o.panel, o.as_printed,
           o.component_doi, a.doi, a.title
    FROM run r JOIN output_link l ON l.run_id = r.id JOIN output o ON o.id = l.output_id JOIN article a ON a.id = o.article_id
    WHERE r.version_id = v.id ORDER BY r.id DESC, o.id DESC LIMIT ${OUTPUTS}
  ) AS made) AS outputs`;

/** `record_version v` with all that `HIT_COLUMNS` needs. */
export const HIT_TABLES = Prisma.sql`record_version v
  JOIN archive_record p ON p.id = v.record_id
  JOIN repository n ON n.id = p.repository_id
  LEFT JOIN environment_manifest e ON e.id = v.environment_manifest_id
  LEFT JOIN hardware_fingerprint h ON h.id = v.hardware_id`;

interface OutputJson {
  readonly public_id: string;
  readonly status: UsedOutput['status'];
  readonly id: number;
  readonly scope: UsedOutput['output']['scope'];
  readonly kind: string;
  readonly number: string;
  readonly panel: string;
  readonly as_printed: string;
  readonly component_doi: string | null;
  readonly doi: string;
  readonly title: string | null;
}

/** One row of `HIT_COLUMNS`. */
export interface HitSql extends VersionSql {
  readonly outputs: readonly OutputJson[];
}

export function presentHit(row: HitSql): { version: RecordVersion; outputs: UsedOutput[] } {
  return { version: presentVersion(toVersionRow(row)), outputs: row.outputs.map(presentUsedOutput) };
}

function presentUsedOutput(json: OutputJson): UsedOutput {
  return {
    article: presentArticle({ doi: json.doi, title: json.title }),
    output: presentOutput({
      id: BigInt(json.id),
      scope: json.scope,
      kind: json.kind,
      number: json.number,
      panel: json.panel,
      asPrinted: json.as_printed,
      componentDoi: json.component_doi,
    }),
    runId: json.public_id,
    status: json.status,
  };
}

import type { Prisma, PrismaService } from '@envarium/database';
import type { LinkRow } from './article.presenter.js';

export interface LinkKey {
  readonly runId: bigint;
  readonly outputId: bigint;
}

type Version = LinkRow['run']['version'];
type Environment = NonNullable<Version['environmentManifest']>;
type Hardware = NonNullable<Version['hardware']>;

interface FileJson {
  readonly name: string;
  readonly digest: string;
  readonly size: number;
}

/** One row of the statement below; names are those of the columns, with the table where two have the same. */
interface LinkSql {
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
  readonly version_id: bigint;
  readonly version_number: number;
  readonly state: Version['state'];
  readonly title: string;
  readonly description: string | null;
  readonly image_digest: string | null;
  readonly record_digest: string | null;
  readonly document_digest: string;
  readonly created_at: Date;
  readonly created_by: string;
  readonly published_at: Date | null;
  readonly published_by: string | null;
  readonly withdrawn_at: Date | null;
  readonly withdrawal_reason: string | null;
  readonly environment_digest: string | null;
  readonly package_count: Environment['packageCount'];
  readonly ecosystems: Prisma.JsonValue;
  readonly hardware_digest: string | null;
  readonly architecture: Hardware['architecture'];
  readonly isa_level: Hardware['isaLevel'];
  readonly cpu_model: Hardware['cpuModel'];
  readonly gpu_models: Hardware['gpuModels'];
  readonly gpu_driver: Hardware['gpuDriver'];
  readonly record_public_id: string;
  readonly repository_id: bigint;
  readonly repository_name: string;
  readonly visibility: Version['record']['repository']['visibility'];
}

/**
 * The rows of links, in the order of their keys. In one statement: through the relations of Prisma it is eleven, and the
 * question this service exists for spends most of its time between them. Who may see a link was decided by who has its key.
 */
export async function loadLinks(prisma: PrismaService, keys: readonly LinkKey[]): Promise<LinkRow[]> {
  if (keys.length === 0) return [];
  // Not as arrays: PostgreSQL would count them and plan anew for each length, for longer than the statement runs.
  const asked = JSON.stringify(keys.map((key) => ({ run_id: String(key.runId), output_id: String(key.outputId) })));
  const rows = await prisma.$queryRaw<LinkSql[]>`
    SELECT l.run_id, l.output_id, l.status::text, l.asserted_by, l.asserted_role::text, l.asserted_at,
           o.scope::text, o.kind, o.number AS output_number, o.panel, o.as_printed, o.component_doi,
           a.doi, a.title AS article_title, r.public_id AS run_public_id, r.command, r.artifact_digest,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('name', f.name, 'digest', f.digest, 'size', f.size) ORDER BY f.position), '[]')
            FROM run_input f WHERE f.run_id = r.id) AS inputs,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('name', f.name, 'digest', f.digest, 'size', f.size) ORDER BY f.position), '[]')
            FROM run_file f WHERE f.run_id = r.id) AS files,
           v.id AS version_id, v.number AS version_number, v.state::text, v.title, v.description, v.image_digest,
           v.record_digest, v.document_digest, v.created_at, v.created_by, v.published_at, v.published_by, v.withdrawn_at,
           v.withdrawal_reason, e.digest AS environment_digest, e.package_count, e.ecosystems,
           h.digest AS hardware_digest, h.architecture, h.isa_level, h.cpu_model, h.gpu_models, h.gpu_driver,
           p.public_id AS record_public_id, n.id AS repository_id, n.name AS repository_name, n.visibility::text
    FROM ROWS FROM (jsonb_to_recordset(${asked}::jsonb) AS (run_id bigint, output_id bigint))
           WITH ORDINALITY AS k(run_id, output_id, position)
    JOIN output_link l ON l.run_id = k.run_id AND l.output_id = k.output_id
    JOIN output o ON o.id = l.output_id
    JOIN article a ON a.id = o.article_id
    JOIN run r ON r.id = l.run_id
    JOIN record_version v ON v.id = r.version_id
    JOIN archive_record p ON p.id = v.record_id
    JOIN repository n ON n.id = p.repository_id
    LEFT JOIN environment_manifest e ON e.id = v.environment_manifest_id
    LEFT JOIN hardware_fingerprint h ON h.id = v.hardware_id
    ORDER BY k.position`;
  return rows.map(toLinkRow);
}

function toLinkRow(row: LinkSql): LinkRow {
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

function toVersionRow(row: LinkSql): Version {
  return {
    id: row.version_id,
    number: row.version_number,
    state: row.state,
    title: row.title,
    description: row.description,
    imageDigest: row.image_digest,
    recordDigest: row.record_digest,
    documentDigest: row.document_digest,
    createdAt: row.created_at,
    createdBy: row.created_by,
    publishedAt: row.published_at,
    publishedBy: row.published_by,
    withdrawnAt: row.withdrawn_at,
    withdrawalReason: row.withdrawal_reason,
    environmentManifest:
      row.environment_digest === null
        ? null
        : { digest: row.environment_digest, packageCount: row.package_count, ecosystems: row.ecosystems },
    hardware:
      row.hardware_digest === null
        ? null
        : {
            digest: row.hardware_digest,
            architecture: row.architecture,
            isaLevel: row.isa_level,
            cpuModel: row.cpu_model,
            gpuModels: row.gpu_models,
            gpuDriver: row.gpu_driver,
          },
    record: {
      publicId: row.record_public_id,
      repository: { id: row.repository_id, name: row.repository_name, visibility: row.visibility },
    },
  };
}

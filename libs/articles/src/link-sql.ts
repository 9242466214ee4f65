import type { Prisma } from '@envarium/database';
import type { LinkRow } from './article.presenter.js';

type Version = LinkRow['run']['version'];
type Environment = NonNullable<Version['environmentManifest']>;
type Hardware = NonNullable<Version['hardware']>;

interface FileJson {
  readonly name: string;
  readonly digest: string;
  readonly size: number;
}

/** One row of `LINK_COLUMNS`; names are those of the columns, with the table where two have the same. */
export interface LinkSql {
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

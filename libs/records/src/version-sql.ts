import { Prisma } from '@envarium/database';
import type { VersionRow } from './record.presenter.js';

type Environment = NonNullable<VersionRow['environmentManifest']>;
type Hardware = NonNullable<VersionRow['hardware']>;

/**
 * The columns behind `versionSelect` for statements that are SQL, of `record_version v`, its `archive_record p`, its
 * `repository n`, and, where it has them, its `environment_manifest e` and `hardware_fingerprint h`.
 */
export const VERSION_COLUMNS = Prisma.sql`
  v.id AS version_id, v.number AS version_number, v.state::text, v.title, v.description, v.image_digest,
  v.record_digest, v.document_digest, v.created_at, v.created_by, v.published_at, v.published_by, v.withdrawn_at,
  v.withdrawal_reason, e.digest AS environment_digest, e.package_count, e.ecosystems,
  h.digest AS hardware_digest, h.architecture, h.isa_level, h.cpu_model, h.gpu_models, h.gpu_driver,
  p.public_id AS record_public_id, n.id AS repository_id, n.name AS repository_name, n.visibility::text`;

/** One row of `VERSION_COLUMNS`. */
export interface VersionSql {
  readonly version_id: bigint;
  readonly version_number: number;
  readonly state: VersionRow['state'];
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
  readonly visibility: VersionRow['record']['repository']['visibility'];
}

/** The row that Prisma would have made of the same version. */
export function toVersionRow(row: VersionSql): VersionRow {
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

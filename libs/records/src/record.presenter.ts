import type { Prisma } from '@envarium/database';
import { environmentSelect, hardwareSelect, presentEnvironment, presentHardware } from '@envarium/environments';
import type { ArchiveRecord, Hold, PackageFile, RecordVersion } from '@envarium/schema';

export const versionSelect = {
  id: true,
  number: true,
  state: true,
  title: true,
  description: true,
  imageDigest: true,
  recordDigest: true,
  documentDigest: true,
  createdAt: true,
  createdBy: true,
  publishedAt: true,
  publishedBy: true,
  withdrawnAt: true,
  withdrawalReason: true,
  environmentManifest: { select: environmentSelect },
  hardware: { select: hardwareSelect },
  record: { select: { publicId: true, repository: { select: { id: true, name: true, visibility: true } } } },
} as const satisfies Prisma.RecordVersionSelect;
export type VersionRow = Prisma.RecordVersionGetPayload<{ select: typeof versionSelect }>;

export function presentVersion(row: VersionRow): RecordVersion {
  return {
    recordId: row.record.publicId,
    repository: row.record.repository.name,
    number: row.number,
    state: row.state,
    title: row.title,
    description: row.description,
    imageDigest: row.imageDigest,
    recordDigest: row.recordDigest,
    environment: row.environmentManifest === null ? null : presentEnvironment(row.environmentManifest),
    hardware: row.hardware === null ? null : presentHardware(row.hardware),
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
    publishedAt: row.publishedAt?.toISOString() ?? null,
    publishedBy: row.publishedBy,
    withdrawnAt: row.withdrawnAt?.toISOString() ?? null,
    withdrawalReason: row.withdrawalReason,
  };
}

export const packageFileSelect = {
  path: true,
  digest: true,
  size: true,
  format: true,
  packageCount: true,
  secretCount: true,
  message: true,
  line: true,
} as const satisfies Prisma.PackageFileSelect;
type PackageFileRow = Prisma.PackageFileGetPayload<{ select: typeof packageFileSelect }>;

export function presentPackageFile(row: PackageFileRow): PackageFile {
  return {
    path: row.path,
    digest: row.digest,
    size: Number(row.size),
    format: row.format,
    packageCount: row.packageCount,
    secretCount: row.secretCount,
    message: row.message,
    line: row.line,
  };
}

export const holdSelect = {
  reason: true,
  placedAt: true,
  placedBy: true,
  liftedAt: true,
} as const satisfies Prisma.HoldSelect;
type HoldRow = Prisma.HoldGetPayload<{ select: typeof holdSelect }>;

export function presentHold(row: HoldRow): Hold {
  return {
    reason: row.reason,
    placedAt: row.placedAt.toISOString(),
    placedBy: row.placedBy,
    liftedAt: row.liftedAt?.toISOString() ?? null,
  };
}

/** The newest readable version comes first; drafts stand in it only for those who may see them. */
export interface RecordRow {
  readonly publicId: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly repository: { readonly name: string; readonly visibility: 'public' | 'private' };
  readonly versions: readonly { readonly number: number; readonly title: string; readonly state: string }[];
}

export function presentRecord(row: RecordRow): ArchiveRecord {
  return {
    id: row.publicId,
    repository: row.repository.name,
    visibility: row.repository.visibility,
    title: row.versions[0]?.title ?? row.repository.name,
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
    latestVersion: row.versions.find((version) => version.state === 'published')?.number ?? null,
  };
}

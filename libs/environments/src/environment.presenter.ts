import type { Prisma } from '@envarium/database';
import type { EnvironmentSummary, HardwareSummary, PackageHit } from '@envarium/schema';
import { z } from 'zod';

export const environmentSelect = {
  digest: true,
  packageCount: true,
  ecosystems: true,
} as const satisfies Prisma.EnvironmentManifestSelect;
type EnvironmentRow = Prisma.EnvironmentManifestGetPayload<{ select: typeof environmentSelect }>;

const EcosystemCounts = z.array(z.object({ ecosystem: z.string(), packageCount: z.number() }));

export function presentEnvironment(row: EnvironmentRow): EnvironmentSummary {
  return {
    digest: row.digest,
    packageCount: row.packageCount,
    ecosystems: EcosystemCounts.parse(row.ecosystems),
  };
}

export const hardwareSelect = {
  digest: true,
  architecture: true,
  isaLevel: true,
  cpuModel: true,
  gpuModels: true,
  gpuDriver: true,
} as const satisfies Prisma.HardwareFingerprintSelect;
type HardwareRow = Prisma.HardwareFingerprintGetPayload<{ select: typeof hardwareSelect }>;

export function presentHardware(row: HardwareRow): HardwareSummary {
  return {
    digest: row.digest,
    architecture: row.architecture,
    isaLevel: row.isaLevel,
    cpuModel: row.cpuModel,
    gpuModels: row.gpuModels,
    gpuDriver: row.gpuDriver,
  };
}

/** A row of the packages query, which is SQL: see `environments.service.ts`. */
export interface EnvironmentPackageRow {
  readonly ecosystem: string;
  readonly normalized_name: string;
  readonly version: string;
  readonly build: string;
  readonly scope: string;
  readonly standing: string;
}

export function presentEnvironmentPackage(row: EnvironmentPackageRow): PackageHit {
  return {
    ecosystem: row.ecosystem,
    name: row.normalized_name,
    version: row.version,
    build: row.build,
    scope: row.scope,
    standing: row.standing,
  };
}

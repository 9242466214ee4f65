import { z } from 'zod';

const Digest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'is not a sha256 digest')
  .describe('sha256:<64 hex digits>');

export const Visibility = z.enum(['public', 'private']).meta({ id: 'Visibility' });
export type Visibility = z.infer<typeof Visibility>;

export const VersionState = z.enum(['draft', 'in_review', 'published', 'withdrawn']).meta({ id: 'VersionState' });
export type VersionState = z.infer<typeof VersionState>;

export const PackageFile = z
  .object({
    path: z.string().describe('path inside the deposit, / separated'),
    digest: Digest,
    size: z.number().int().describe('bytes'),
    format: z.string().nullable().describe('the format that read it; null: kept byte for byte, not understood yet'),
    packageCount: z.number().int().describe('packages found in it'),
    secretCount: z.number().int().describe('places that seem to hold a secret'),
    message: z.string().nullable().describe('why it was not, or only partly, understood'),
    line: z.number().int().nullable().describe('1-based line of the first problem'),
  })
  .meta({ id: 'PackageFile' });
export type PackageFile = z.infer<typeof PackageFile>;

export const Hold = z
  .object({
    reason: z.string(),
    placedAt: z.iso.datetime(),
    placedBy: z.string(),
    liftedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Hold' });
export type Hold = z.infer<typeof Hold>;

export const PullCommands = z
  .object({
    reference: z.string().describe('host/name@digest: the exact image, whatever happens to tags'),
    docker: z.string(),
    podman: z.string(),
    apptainer: z.string(),
    skopeo: z.string(),
    envarium: z.string(),
  })
  .meta({ id: 'PullCommands' });
export type PullCommands = z.infer<typeof PullCommands>;

export const EnvironmentSummary = z
  .object({
    digest: Digest.describe('digest of the environment manifest'),
    packageCount: z.number().int(),
    ecosystems: z.array(
      z.object({ ecosystem: z.string(), packageCount: z.number().int() }).meta({ id: 'EcosystemCount' }),
    ),
  })
  .meta({ id: 'EnvironmentSummary' });
export type EnvironmentSummary = z.infer<typeof EnvironmentSummary>;

export const HardwareSummary = z
  .object({
    digest: Digest.describe('digest of the hardware fingerprint'),
    architecture: z.string().nullable(),
    isaLevel: z.string().nullable(),
    cpuModel: z.string().nullable(),
    gpuModels: z.array(z.string()),
    gpuDriver: z.string().nullable(),
  })
  .meta({ id: 'HardwareSummary' });
export type HardwareSummary = z.infer<typeof HardwareSummary>;

export const RecordVersion = z
  .object({
    recordId: z.string().describe('identifier of the record, as in env-3k7q-9w2x'),
    repository: z.string().describe('OCI repository name of the record'),
    number: z.number().int().positive(),
    state: VersionState,
    title: z.string(),
    description: z.string().nullable(),
    imageDigest: Digest.nullable().describe('digest of the archived image manifest or index'),
    recordDigest: Digest.nullable().describe('digest of the record artifact: the identity of a published version'),
    environment: EnvironmentSummary.nullable(),
    hardware: HardwareSummary.nullable(),
    createdAt: z.iso.datetime(),
    createdBy: z.string(),
    publishedAt: z.iso.datetime().nullable(),
    publishedBy: z.string().nullable(),
    withdrawnAt: z.iso.datetime().nullable(),
    withdrawalReason: z.string().nullable(),
  })
  .meta({ id: 'RecordVersion' });
export type RecordVersion = z.infer<typeof RecordVersion>;

export const ArchiveRecord = z
  .object({
    id: z.string(),
    repository: z.string(),
    visibility: Visibility,
    title: z.string().describe('title of the newest version that the reader may see'),
    createdAt: z.iso.datetime(),
    createdBy: z.string(),
    latestVersion: z.number().int().nullable().describe('newest published version; null while there is none'),
  })
  .meta({ id: 'ArchiveRecord' });
export type ArchiveRecord = z.infer<typeof ArchiveRecord>;

export const PackageHit = z
  .object({
    ecosystem: z.string(),
    name: z.string(),
    version: z.string(),
    build: z.string(),
    scope: z.string(),
    standing: z.string(),
  })
  .describe('one package version of an environment')
  .meta({ id: 'EnvironmentPackage' });
export type PackageHit = z.infer<typeof PackageHit>;

import { z } from 'zod';
import { Evidence } from './environment-manifest.js';
import { ScopeKind } from './environment-spec.js';

/** What lies between two environments, for machines and, in `summary`, for people. */

const Values = z.array(z.string()).describe('sorted; empty: not named');

export const DiffSide = z
  .object({
    name: z.string().describe('as in lab/eeg@v1, or what was captured'),
    imageDigest: z.string().nullable(),
    hasEnvironment: z.boolean().describe('false: nothing is known of its packages'),
    hasHardware: z.boolean(),
    hasNumerics: z.boolean().describe('false: nothing is known of the numeric libraries that were loaded'),
    notUnderstoodCount: z.number().int().describe('places that could not be read, and may hide packages'),
  })
  .meta({ id: 'DiffSide' });
export type DiffSide = z.infer<typeof DiffSide>;

export const PackageChange = z
  .enum(['added', 'removed', 'newer', 'older', 'changed', 'build', 'undetermined'])
  .describe(
    'changed: other versions, and no order of them is known; build: the same version, built otherwise; ' +
      'undetermined: one side only asks for it, with no version known',
  )
  .meta({ id: 'PackageChange' });
export type PackageChange = z.infer<typeof PackageChange>;

export const PackageDiff = z
  .object({
    scope: ScopeKind,
    ecosystem: z.string(),
    name: z.string(),
    change: PackageChange,
    from: Values,
    to: Values,
    isNumerical: z
      .boolean()
      .describe('a library that computes: BLAS, LAPACK, FFT, OpenMP, CUDA, the C and math libraries'),
  })
  .meta({ id: 'PackageDiff' });
export type PackageDiff = z.infer<typeof PackageDiff>;

export const FactDiff = z
  .object({
    what: z.string().describe('python, operating system, CPU, GPU driver, OMP_NUM_THREADS, ...'),
    scope: ScopeKind.nullable(),
    from: Values,
    to: Values,
    fromEvidence: z.array(Evidence).describe('where the first says so; empty for machines, whose fingerprint says it'),
    toEvidence: z.array(Evidence),
  })
  .meta({ id: 'FactDiff' });
export type FactDiff = z.infer<typeof FactDiff>;

export const EnvironmentDiff = z
  .object({
    schemaVersion: z.literal(1),
    from: DiffSide,
    to: DiffSide,
    summary: z.array(z.string()).describe('the differences in sentences, what matters for numbers first'),
    isSameImage: z.boolean().nullable().describe('null: not both have an image'),
    packageCounts: z
      .object({
        equal: z.number().int(),
        added: z.number().int(),
        removed: z.number().int(),
        changed: z.number().int(),
      })
      .meta({ id: 'PackageDiffCounts' }),
    packages: z.array(PackageDiff).describe('from the machine inwards, by ecosystem and name'),
    numerics: z.array(FactDiff).describe('BLAS, LAPACK and OpenMP as loaded: library, core type, threads'),
    runtimes: z.array(FactDiff),
    systems: z.array(FactDiff),
    baseImages: z.array(FactDiff),
    variables: z.array(FactDiff),
    hardware: z.array(FactDiff),
  })
  .meta({ id: 'EnvironmentDiff' });
export type EnvironmentDiff = z.infer<typeof EnvironmentDiff>;

export const DiffQuestion = z.object({
  from: z.string().min(1).max(300).describe('a version: lab/eeg@v1 or env-3k7q-9w2x@v1'),
  to: z.string().min(1).max(300).describe('the version that it is compared with'),
});
export type DiffQuestion = z.infer<typeof DiffQuestion>;

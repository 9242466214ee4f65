import { z } from 'zod';

/**
 * What one package file says, in the words of the file: the answer of a format's `extract`.
 * Nothing is guessed: a version is present only where the file fixes exactly one.
 */

/** declared: a wish (ranges); locked: pinned by a lock file; observed: seen installed on a machine. */
export const Standing = z.enum(['declared', 'locked', 'observed']).meta({ id: 'Standing' });
export type Standing = z.infer<typeof Standing>;

/** Where packages live; scopes nest: host > container > language. */
export const ScopeKind = z.enum(['host', 'container', 'language']).meta({ id: 'ScopeKind' });
export type ScopeKind = z.infer<typeof ScopeKind>;

/** Why something in a file was not, or only partly, understood. A closed list, so that every reason has a text. */
export const SkipReason = z
  .enum([
    'encoding-invalid',
    'syntax-invalid',
    'name-invalid',
    'version-invalid',
    'no-version',
    'version-range',
    'url-source',
    'vcs-source',
    'local-path',
    'references-file',
    'unsupported-option',
    'unsupported-installer',
    'not-installed',
    'truncated-name',
    'dynamic-value',
    'as-code',
    'duplicate-entry',
    'limit-exceeded',
  ])
  .meta({ id: 'SkipReason' });
export type SkipReason = z.infer<typeof SkipReason>;

export const SpecPackage = z
  .object({
    ecosystem: z.string().describe('purl type: pypi, conda, cran, npm, deb, github, docker, oci, generic, ...'),
    name: z.string().describe('as written in the file'),
    normalizedName: z.string().describe('the spelling under which the ecosystem compares names'),
    version: z.string().nullable().describe('exact version, as written; null when the file does not fix one'),
    specifier: z.string().nullable().describe('the range or spec as written, when there is one'),
    build: z.string().nullable().describe('conda build string, deb architecture-independent build, ...'),
    standing: Standing,
    purl: z.string().nullable().describe('package URL; null where no purl type fits or the name is not valid in it'),
    hashes: z.array(z.string()).describe('algorithm:hex of obtainable files, lower-case'),
    source: z
      .string()
      .nullable()
      .describe('channel, index, URL or repository the package comes from, credentials removed'),
    marker: z
      .string()
      .nullable()
      .describe('condition under which the line holds (PEP 508 marker, conda selector, npm os/cpu)'),
    group: z.string().nullable().describe('dev, optional, a build stage: the part of the file it stands in'),
    line: z.number().int().positive().nullable().describe('1-based line of the file, the evidence'),
    skipReason: SkipReason.nullable().describe('why it is understood only partly'),
  })
  .meta({ id: 'SpecPackage' });
export type SpecPackage = z.infer<typeof SpecPackage>;

export const SpecRuntime = z
  .object({
    name: z.string().describe('python, r, node, julia, ...'),
    version: z.string().nullable(),
    specifier: z.string().nullable(),
    line: z.number().int().positive().nullable(),
  })
  .meta({ id: 'SpecRuntime' });
export type SpecRuntime = z.infer<typeof SpecRuntime>;

export const SpecBaseImage = z
  .object({
    reference: z.string().describe('as written, after expansion of the ARGs that stand in the file'),
    digest: z.string().nullable(),
    platform: z.string().nullable(),
    stage: z.string().nullable().describe('name or number of the build stage'),
    line: z.number().int().positive().nullable(),
  })
  .meta({ id: 'SpecBaseImage' });
export type SpecBaseImage = z.infer<typeof SpecBaseImage>;

/** A library that computes, as it was found loaded. What it did not say is null. */
export const NumericLibrary = z
  .object({
    kind: z
      .string()
      .describe('openblas, mkl, blis, flexiblas, accelerate, rblas (that of R itself), blas, lapack, openmp'),
    file: z.string().nullable().describe('name of the file that was loaded, links followed'),
    version: z.string().nullable(),
    coreType: z.string().nullable().describe('the kernels that it chose for the processor, as in Haswell or SkylakeX'),
    threadingLayer: z.string().nullable().describe('sequential, pthreads, openmp, tbb, ...'),
    threads: z.int().positive().max(1_000_000).nullable().describe('that it uses at most'),
  })
  .meta({ id: 'NumericLibrary' });
export type NumericLibrary = z.infer<typeof NumericLibrary>;

/** What a running program computes with: seen, not asked for. */
export const SpecNumerics = z
  .object({
    program: z.string().describe('that loaded the libraries: numpy, r'),
    version: z.string().nullable().describe('of the program'),
    libraries: z.array(NumericLibrary),
    cpuFeatures: z.array(z.string()).describe('by which the program chooses its own kernels; empty: not said'),
    cpus: z.int().positive().max(1_000_000).nullable().describe('that the process may run on'),
    line: z.number().int().positive().nullable(),
  })
  .meta({ id: 'SpecNumerics' });
export type SpecNumerics = z.infer<typeof SpecNumerics>;

/** What os-release says: https://www.freedesktop.org/software/systemd/man/latest/os-release.html */
export const SpecSystem = z
  .object({
    id: z.string().describe('as in debian, alpine, fedora'),
    versionId: z.string().nullable().describe('as in 12, 3.19.1; null: a rolling release'),
    name: z.string().nullable().describe('for people'),
    line: z.number().int().positive().nullable(),
  })
  .meta({ id: 'SpecSystem' });
export type SpecSystem = z.infer<typeof SpecSystem>;

export const SpecKernel = z
  .object({ release: z.string(), line: z.number().int().positive().nullable() })
  .meta({ id: 'SpecKernel' });
export type SpecKernel = z.infer<typeof SpecKernel>;

/** The container that something was seen in, as far as it says so itself. */
export const SeenContainer = z
  .object({ engine: z.string().describe('docker, podman, apptainer, ...'), image: z.string().nullable() })
  .meta({ id: 'SeenContainer' });
export type SeenContainer = z.infer<typeof SeenContainer>;

/** Which files say what was seen in one place. */
export const SpecCapture = z
  .object({
    container: SeenContainer.nullable().describe('null: no sign of one'),
    reports: z.array(z.string()).describe('other files of the deposit, relative to the folder of this one'),
    line: z.number().int().positive().nullable(),
  })
  .meta({ id: 'SpecCapture' });
export type SpecCapture = z.infer<typeof SpecCapture>;

export const SpecProblem = z
  .object({
    reason: SkipReason,
    message: z.string().describe('one sentence for a person: what was not understood'),
    line: z.number().int().positive().nullable(),
  })
  .meta({ id: 'SpecProblem' });
export type SpecProblem = z.infer<typeof SpecProblem>;

export const SpecSecret = z
  .object({
    kind: z.enum(['url-credentials', 'token', 'private-key', 'password-variable', 'encrypted-block']),
    line: z.number().int().positive().nullable(),
  })
  .describe('a place that seems to hold a secret; the secret itself is never repeated')
  .meta({ id: 'SpecSecret' });
export type SpecSecret = z.infer<typeof SpecSecret>;

export const EnvironmentSpec = z
  .object({
    format: z.string().describe('id of the format that read the file'),
    scope: ScopeKind,
    packages: z.array(SpecPackage),
    runtimes: z.array(SpecRuntime),
    baseImages: z.array(SpecBaseImage),
    variables: z
      .array(z.object({ name: z.string(), value: z.string() }))
      .describe('environment variables the file sets'),
    system: SpecSystem.optional().describe('the operating system that the file was written by'),
    kernel: SpecKernel.optional().describe('in a container that of the host'),
    capture: SpecCapture.optional(),
    numerics: z.array(SpecNumerics).optional().describe('what computes in a program that was seen running'),
    sources: z
      .array(z.string())
      .describe('channels, indexes, repositories in the order of the file, credentials removed'),
    references: z.array(z.string()).describe('other files that the file names (-r, -c, COPY requirements.txt)'),
    problems: z.array(SpecProblem),
    secrets: z.array(SpecSecret),
  })
  .meta({ id: 'EnvironmentSpec' });
export type EnvironmentSpec = z.infer<typeof EnvironmentSpec>;

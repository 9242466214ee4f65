import { z } from 'zod';
import { Grade } from './resolution.js';
import { storableText } from './text.js';
import { OutputTolerance } from './comparison.js';

export const JobKind = z.enum(['rehearse', 'rebuild', 'rerun']).meta({ id: 'JobKind' });
export type JobKind = z.infer<typeof JobKind>;

export const JobState = z.enum(['queued', 'running', 'ended']).meta({ id: 'JobState' });
export type JobState = z.infer<typeof JobState>;

/** What a running job does, in the order in which it may do so. */
export const JobStep = z
  .enum([
    'requested',
    'locating',
    'pulling',
    'verifying',
    'checking-hardware',
    'planning',
    'recording',
    'checking-closure',
    'materialising',
    'building',
    'comparing',
    'running',
    'signing',
  ])
  .meta({ id: 'JobStep' });
export type JobStep = z.infer<typeof JobStep>;

export const JobOutcome = z
  .enum([
    'ready',
    'diverged',
    'closure-incomplete',
    'unsupported',
    'refused',
    'failed',
    'timed-out',
    'quarantined',
    'cancelled',
  ])
  .meta({ id: 'JobOutcome' });
export type JobOutcome = z.infer<typeof JobOutcome>;

export const JobProgress = z
  .object({
    what: z.string().describe('what is counted, in words'),
    unit: z.enum(['bytes', 'steps', 'files']),
    done: z.int().nonnegative(),
    total: z.int().nonnegative().nullable().describe('null: not known yet'),
  })
  .meta({ id: 'JobProgress' });
export type JobProgress = z.infer<typeof JobProgress>;

export const JobProblem = z
  .object({
    code: z.string(),
    title: z.string(),
    remedy: z.string().nullable(),
    detail: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'JobProblem' });
export type JobProblem = z.infer<typeof JobProblem>;

export const JobResult = z
  .object({
    grade: Grade.nullable(),
    summary: z.string(),
    receipts: z.array(z.string()).describe('identifiers of the receipts'),
    artifacts: z.array(z.string()).describe('digests of the artifacts that were stored'),
  })
  .meta({ id: 'JobResult' });
export type JobResult = z.infer<typeof JobResult>;

export const Job = z
  .object({
    id: z.string(),
    kind: JobKind,
    recordId: z.string(),
    repository: z.string(),
    version: z.int().positive(),
    runId: z.string().nullable().describe('only of a re-run'),
    state: JobState,
    step: JobStep,
    outcome: JobOutcome.nullable().describe('null while it has not ended'),
    progress: JobProgress.nullable(),
    result: JobResult.nullable(),
    problem: JobProblem.nullable().describe('why it did not end as ready, or why its last attempt failed'),
    priority: z.int(),
    attempts: z.int(),
    logDigest: z.string().nullable().describe('digest of the whole log, once the job has ended'),
    createdAt: z.iso.datetime(),
    createdBy: z.string(),
    startedAt: z.iso.datetime().nullable(),
    finishedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Job' });
export type Job = z.infer<typeof Job>;

export const JobLogLine = z
  .object({
    seq: z.int().nonnegative(),
    at: z.iso.datetime(),
    stream: z.enum(['stdout', 'stderr', 'note']).describe('note: said by the resolver itself'),
    text: z.string(),
  })
  .meta({ id: 'JobLogLine' });
export type JobLogLine = z.infer<typeof JobLogLine>;

export const RecipeToolchain = z
  .enum(['apt', 'base'])
  .describe('apt: Debian packages; base: the image that the recipe starts from has them')
  .meta({ id: 'RecipeToolchain' });
export type RecipeToolchain = z.infer<typeof RecipeToolchain>;

export const CreateJob = z
  .object({
    kind: JobKind,
    runId: storableText().max(64).optional().describe('of the run to repeat; only for rerun'),
    tolerance: OutputTolerance.optional().describe('only for rerun'),
    assisted: z
      .boolean()
      .optional()
      .describe(
        'only for rebuild: bytes of the closure that are missing here may be fetched from where they came from',
      ),
    base: storableText()
      .max(600)
      .optional()
      .describe('only for rehearse: image that a recipe made from package files starts from'),
    complete: z
      .boolean()
      .optional()
      .describe('only for rehearse: also fetch what lock files name for other platforms, and no build here asks for'),
    toolchain: RecipeToolchain.optional().describe('only for rehearse: where interpreters and compilers come from'),
    priority: z.int().min(-10).max(10).default(0).describe('more is sooner, among the jobs of one namespace'),
  })
  .meta({ id: 'CreateJob' });
export type CreateJob = z.infer<typeof CreateJob>;

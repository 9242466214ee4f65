import { ArchiveError } from '@envarium/errors';
import { type CreateJob, type JobKind, OutputTolerance, RecipeToolchain } from '@envarium/schema';
import { z } from 'zod';

/** What a job was asked to do beyond its kind. Two open jobs of one kind, version and input are one. */
export const JobInput = z.object({
  runId: z.string().nullable(),
  tolerance: OutputTolerance.nullable(),
  assisted: z.boolean(),
  base: z.string().nullable(),
  complete: z.boolean().default(false),
  toolchain: RecipeToolchain,
});
export type JobInput = z.infer<typeof JobInput>;

const ONLY_FOR: Readonly<Record<keyof JobInput, JobKind>> = {
  runId: 'rerun',
  tolerance: 'rerun',
  assisted: 'rebuild',
  base: 'rehearse',
  complete: 'rehearse',
  toolchain: 'rehearse',
};

/** @throws ArchiveError REQUEST_INVALID for a re-run of nothing, and for what belongs to another kind of job */
export function inputOf(asked: CreateJob): JobInput {
  const { kind } = asked;
  if (kind === 'rerun' && asked.runId === undefined) throw invalid('runId: which run shall be repeated?');
  for (const name of ['runId', 'tolerance', 'assisted', 'base', 'complete', 'toolchain'] as const) {
    if (asked[name] !== undefined && ONLY_FOR[name] !== kind) {
      throw invalid(`${name}: only for jobs of the kind ${ONLY_FOR[name]}`);
    }
  }
  return {
    runId: asked.runId ?? null,
    tolerance: asked.tolerance ?? null,
    assisted: asked.assisted ?? false,
    base: asked.base ?? null,
    complete: asked.complete ?? false,
    toolchain: asked.toolchain ?? 'apt',
  };
}

function invalid(problem: string): ArchiveError {
  return new ArchiveError('REQUEST_INVALID', { problems: [problem] });
}

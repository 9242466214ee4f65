import { ArchiveError } from '@envarium/errors';
import { type CreateJob, OutputTolerance } from '@envarium/schema';
import { z } from 'zod';

/** What a job was asked to do beyond its kind. Two open jobs of one kind, version and input are one. */
export const JobInput = z.object({ runId: z.string().nullable(), tolerance: OutputTolerance.nullable() });
export type JobInput = z.infer<typeof JobInput>;

/** @throws ArchiveError REQUEST_INVALID for a re-run of nothing, and for a run where none is repeated */
export function inputOf({ kind, ...asked }: CreateJob): JobInput {
  const { runId, tolerance }: JobInput = { runId: asked.runId ?? null, tolerance: asked.tolerance ?? null };
  if (kind === 'rerun' && runId === null) throw invalid('runId: which run shall be repeated?');
  if (kind !== 'rerun' && (runId !== null || tolerance !== null)) {
    throw invalid('runId, tolerance: only for jobs of the kind rerun');
  }
  return { runId, tolerance };
}

function invalid(problem: string): ArchiveError {
  return new ArchiveError('REQUEST_INVALID', { problems: [problem] });
}

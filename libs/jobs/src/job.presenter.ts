import type { Prisma } from '@envarium/database';
import { type Job, JobOutcome, JobProblem, JobProgress, JobResult, JobStep } from '@envarium/schema';
import { JobInput } from './job-input.js';

export const jobSelect = {
  id: true,
  kind: true,
  repositoryId: true,
  input: true,
  state: true,
  step: true,
  outcome: true,
  progress: true,
  result: true,
  problem: true,
  priority: true,
  attempts: true,
  logDigest: true,
  createdAt: true,
  createdBy: true,
  startedAt: true,
  finishedAt: true,
  repository: { select: { name: true } },
  version: { select: { number: true, record: { select: { publicId: true } } } },
} as const satisfies Prisma.JobSelect;
export type JobRow = Prisma.JobGetPayload<{ select: typeof jobSelect }>;

/** @param isMember of the namespace: others see neither the log nor the details of a problem, which may quote it */
export function presentJob(row: JobRow, isMember: boolean): Job {
  const problem = row.problem === null ? null : JobProblem.parse(row.problem);
  return {
    id: row.id,
    kind: row.kind,
    recordId: row.version.record.publicId,
    repository: row.repository.name,
    version: row.version.number,
    runId: JobInput.parse(row.input).runId,
    state: row.state,
    step: JobStep.parse(row.step),
    // Of a job that still runs it is a wish: see JobsService.cancel.
    outcome: row.state === 'ended' ? JobOutcome.parse(row.outcome) : null,
    progress: row.progress === null ? null : JobProgress.parse(row.progress),
    result: row.result === null ? null : JobResult.parse(row.result),
    problem: problem === null || isMember ? problem : { ...problem, detail: {} },
    priority: row.priority,
    attempts: row.attempts,
    logDigest: isMember ? row.logDigest : null,
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}

import type { Job, JobOutcome } from '@envarium/schema';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { CommandFailed } from '../failure.js';

const EXIT_CODES: Readonly<Record<JobOutcome, ExitCode>> = {
  ready: EXIT.ok,
  diverged: EXIT.diverged,
  'closure-incomplete': EXIT.incomplete,
  unsupported: EXIT.refused,
  refused: EXIT.refused,
  quarantined: EXIT.refused,
  failed: EXIT.jobFailed,
  'timed-out': EXIT.jobFailed,
  cancelled: EXIT.cancelled,
};

/** A job that ended otherwise than ready. */
export function jobFailure(job: Job): CommandFailed {
  const { id, problem, result } = job;
  const outcome = job.outcome ?? 'failed';
  return new CommandFailed({
    exitCode: EXIT_CODES[outcome],
    code: problem?.code ?? `JOB_${outcome.toUpperCase().replace('-', '_')}`,
    title: problem?.title ?? result?.summary ?? `the job ended as ${outcome}`,
    remedy: problem?.remedy ?? `Its log: envarium jobs log ${id}`,
    detail: { ...problem?.detail, job },
  });
}

export function interrupted(id: string): CommandFailed {
  return new CommandFailed({
    exitCode: EXIT.failure,
    code: 'INTERRUPTED',
    title: 'no longer waiting; the job goes on',
    remedy: `Watch it: envarium jobs watch ${id}   Stop it: envarium jobs cancel ${id}`,
    detail: {},
  });
}

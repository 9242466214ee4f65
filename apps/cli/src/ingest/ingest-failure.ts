import type { Ingest } from '@envarium/schema';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { CommandFailed } from '../failure.js';

/** What a script may do about it; everything else is a plain failure. */
const EXIT_CODES: Readonly<Record<string, ExitCode>> = {
  UPSTREAM_DENIED: EXIT.denied,
  DENIED: EXIT.denied,
  UPSTREAM_UNKNOWN: EXIT.notFound,
  UPSTREAM_UNAVAILABLE: EXIT.unreachable,
  DIGEST_INVALID: EXIT.verification,
  SIZE_INVALID: EXIT.verification,
};

/** An ingest that ended otherwise than well. */
export function ingestFailure({ id, state, problem }: Ingest): CommandFailed {
  if (problem === null) {
    return new CommandFailed({
      exitCode: EXIT.failure,
      code: 'INGEST_CANCELLED',
      title: `the ingest was ${state}`,
      remedy: 'Ask for it again when it is wanted: what was transferred is not fetched twice.',
      detail: { ingest: id },
    });
  }
  const { code, title, remedy, detail } = problem;
  return new CommandFailed({
    exitCode: EXIT_CODES[code] ?? EXIT.failure,
    code,
    title,
    remedy,
    detail: { ...detail, ingest: id },
  });
}

export function interrupted(id: string): CommandFailed {
  return new CommandFailed({
    exitCode: EXIT.failure,
    code: 'INTERRUPTED',
    title: 'no longer waiting; the ingest goes on',
    remedy: `Watch it: envarium ingest watch ${id}   Stop it: envarium ingest cancel ${id}`,
    detail: {},
  });
}

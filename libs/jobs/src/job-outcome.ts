import { ArchiveError, type ErrorCode } from '@envarium/errors';
import type { JobOutcome, JobProblem } from '@envarium/schema';

/** What an error says about the version, not about a failure of ours. Every other code is `failed`. */
const OUTCOMES: Partial<Record<ErrorCode, JobOutcome>> = {
  RECIPE_REFUSED: 'refused',
  OUTBOUND_REFUSED: 'refused',
  DENIED: 'refused',
  RECIPE_UNKNOWN: 'unsupported',
  RECIPE_INVALID: 'unsupported',
  BASE_UNOBTAINABLE: 'unsupported',
  CLOSURE_TOO_LARGE: 'unsupported',
  IMAGE_TOO_LARGE: 'unsupported',
  LAYER_INVALID: 'unsupported',
  RUN_NOT_REPEATABLE: 'unsupported',
  EXECUTOR_UNAVAILABLE: 'unsupported',
  CLOSURE_UNKNOWN: 'closure-incomplete',
  CLOSURE_INCOMPLETE: 'closure-incomplete',
};

export function outcomeOf(code: ErrorCode): JobOutcome {
  return OUTCOMES[code] ?? 'failed';
}

/** What nobody foresaw is told to the operator alone. */
export function problemOf(error: unknown): JobProblem {
  const known = error instanceof ArchiveError ? error : new ArchiveError('INTERNAL');
  return { code: known.code, title: known.message, remedy: known.remedy ?? null, detail: { ...known.detail } };
}

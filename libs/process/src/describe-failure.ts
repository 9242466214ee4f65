import { ArchiveError } from '@envarium/errors';

/** Why a process could not start, for the person at the terminal: every problem, and what to do. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof ArchiveError)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const { problems } = error.detail;
  const lines = Array.isArray(problems)
    ? problems.map(String)
    : Object.entries(error.detail).map(([name, value]) => `${name}: ${String(value)}`);
  return [
    error.message,
    ...lines.map((line) => `  ${line}`),
    ...(error.remedy === undefined ? [] : [error.remedy]),
  ].join('\n');
}

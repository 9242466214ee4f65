import { ArchiveError, type ErrorCode } from '@envarium/errors';
import { archiveAdvice } from './archive-advice.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { unreachableAdvice } from './network-advice.js';

/** A failure as a person sees it and as `--json` prints it. Plain data: it also travels between our processes. */
export interface Failure {
  readonly exitCode: ExitCode;
  readonly code: string;
  readonly title: string;
  /** What the person can do about it. */
  readonly remedy: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** A failure of which everything is known already. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';

  constructor(
    readonly failure: Failure,
    options: { cause?: unknown } = {},
  ) {
    super(failure.title, options);
  }
}

/** The server could not be asked at all. */
export class ServerUnreachable extends Error {
  override readonly name = 'ServerUnreachable';

  constructor(
    readonly url: string,
    readonly reason: string,
    options: { cause?: unknown } = {},
  ) {
    super(`${url} cannot be reached`, options);
  }
}

export function usageError(title: string, remedy: string | null = null): CommandFailed {
  return new CommandFailed({ exitCode: EXIT.usage, code: 'USAGE', title, remedy, detail: {} });
}

export function notFound(title: string, remedy: string | null = null): CommandFailed {
  return new CommandFailed({ exitCode: EXIT.notFound, code: 'NOT_FOUND', title, remedy, detail: {} });
}

/** Bytes that are not what they were said to be are a finding, whoever found it; the rest is ours or the person's. */
const LOCAL_EXIT_CODES: Partial<Record<ErrorCode, ExitCode>> = {
  CONFIG_INVALID: EXIT.usage,
  NAME_INVALID: EXIT.usage,
  TAG_INVALID: EXIT.usage,
  DOI_INVALID: EXIT.usage,
  DIGEST_INVALID: EXIT.verification,
  SIZE_INVALID: EXIT.verification,
  RECEIPT_INVALID: EXIT.verification,
  PLATFORM_UNKNOWN: EXIT.notFound,
  REQUEST_INVALID: EXIT.usage,
};

export function failureOf(error: unknown): Failure {
  if (error instanceof CommandFailed) return error.failure;
  if (error instanceof ServerUnreachable) {
    const { title, remedy } = unreachableAdvice(error.url, error.reason);
    return { exitCode: EXIT.unreachable, code: 'SERVER_UNREACHABLE', title, remedy, detail: { reason: error.reason } };
  }
  if (error instanceof ArchiveError) {
    return {
      exitCode: LOCAL_EXIT_CODES[error.code] ?? EXIT.failure,
      code: error.code,
      title: error.message,
      remedy: archiveAdvice(error) ?? error.remedy ?? null,
      detail: error.detail,
    };
  }
  return systemFailure(error);
}

/** Failures of the operating system say what and where; anything else is a fault of this program. */
function systemFailure(error: unknown): Failure {
  const title = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
  if (code === 'ENOENT') {
    return { exitCode: EXIT.notFound, code, title, remedy: 'Check the spelling of the path.', detail: {} };
  }
  if (code === 'ENOSPC')
    return {
      exitCode: EXIT.failure,
      code,
      title,
      remedy: 'The disk is full; make room and run the command again.',
      detail: {},
    };
  const detail = code === null && error instanceof Error ? { stack: error.stack ?? '' } : {};
  return { exitCode: EXIT.failure, code: code ?? 'INTERNAL', title, remedy: null, detail };
}

/** Lines for standard error. */
export function failureLines(failure: Failure): string[] {
  const lines = [`error: ${failure.title}`];
  for (const [name, value] of Object.entries(failure.detail)) lines.push(...detailLines(name, value));
  if (failure.remedy !== null) lines.push(failure.remedy);
  return lines;
}

function detailLines(name: string, value: unknown): string[] {
  if (Array.isArray(value)) return [`  ${name}:`, ...value.map((item: unknown) => `    - ${plain(item)}`)];
  return [`  ${name}: ${plain(value)}`];
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value.trimEnd() : JSON.stringify(value);
}

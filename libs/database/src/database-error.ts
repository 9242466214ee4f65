import { ArchiveError } from '@envarium/errors';
import { z } from 'zod';

/** What can be known of a failure: from pg itself, from the Prisma driver adapter, or from a socket. */
interface DatabaseFailure {
  /** SQLSTATE, errno name, Prisma code or kind of the driver adapter, whichever the failure carries. */
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  /** Name of the violated constraint or unique index. */
  readonly constraint?: string | undefined;
}

const Failure = z.object({
  code: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  // pg gives the name; the driver adapter gives {index: name}.
  constraint: z
    .union([z.string(), z.object({ index: z.string() }).transform(({ index }) => index)])
    .optional()
    .catch(undefined),
  originalCode: z.string().optional().catch(undefined),
  originalMessage: z.string().optional().catch(undefined),
  // A failure of the socket has no code in the driver adapter, only its kind.
  kind: z.string().optional().catch(undefined),
  meta: z.object({ driverAdapterError: z.unknown() }).optional().catch(undefined),
  cause: z.unknown().optional(),
});

/** Prisma error -> driver adapter error -> its cause, three levels; more is not ours. */
const MAX_DEPTH = 5;

/** The failure and everything that caused it, outermost first. */
function failuresOf(error: unknown): DatabaseFailure[] {
  const failures: DatabaseFailure[] = [];
  let current = error;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const parsed = Failure.safeParse(current);
    if (!parsed.success) break;
    const { code, message, constraint, originalCode, originalMessage, kind, meta, cause } = parsed.data;
    failures.push({ code: originalCode ?? code ?? kind, message: originalMessage ?? message, constraint });
    current = meta?.driverAdapterError ?? cause;
  }
  return failures;
}

const UNIQUE_VIOLATION = '23505';

/**
 * True when the database refused a row because a unique key holds it already.
 * @param constraint name of the constraint or unique index, when only that one is meant
 */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  const violation = failuresOf(error).find(({ code }) => code === UNIQUE_VIOLATION);
  return violation !== undefined && (constraint === undefined || violation.constraint === constraint);
}

// https://www.postgresql.org/docs/18/errcodes-appendix.html, https://www.prisma.io/docs/orm/reference/error-reference
const CONNECTION_FAILURE_CODES = new Set(
  [
    'ECONNREFUSED ECONNRESET ENOTFOUND EAI_AGAIN ETIMEDOUT EPIPE EHOSTUNREACH ENETUNREACH',
    '08000 08001 08003 08004 08006 28000 28P01 3D000 53300 57P01 57P02 57P03 57P05',
    'P1000 P1001 P1002 P1003 P1008 P1010 P1011 P1017 P2037',
    'DatabaseNotReachable ConnectionClosed SocketTimeout TlsConnectionError',
  ].flatMap((codes) => codes.split(' ')),
);

// pg gives these without a code.
const CONNECTION_FAILURE_MESSAGES = [
  /^Connection terminated\b/,
  /^timeout exceeded when trying to connect$/,
  /^Client has encountered a connection error and is not queryable$/,
];

/** True when the database could not be asked at all, so that the same request may succeed later. */
export function isConnectionFailure(error: unknown): boolean {
  return failuresOf(error).some(
    ({ code, message = '' }) =>
      (code !== undefined && CONNECTION_FAILURE_CODES.has(code)) ||
      CONNECTION_FAILURE_MESSAGES.some((pattern) => pattern.test(message)),
  );
}

// https://www.postgresql.org/docs/18/errcodes-appendix.html: serialization_failure, deadlock_detected; P2034 is Prisma's.
const DEADLOCK = new Set(['40001', '40P01', 'P2034', 'TransactionWriteConflict']);

/** True when PostgreSQL ended the transaction because it met another one: the same work may succeed at once. */
export function isDeadlock(error: unknown): boolean {
  return failuresOf(error).some(({ code }) => code !== undefined && DEADLOCK.has(code));
}

// https://www.postgresql.org/docs/18/errcodes-appendix.html: character_not_in_repertoire, untranslatable_character.
const TEXT_REFUSED = new Set(['22021', '22P05']);

/** True when a value holds a character that PostgreSQL cannot hold: NUL. */
export function isTextRefused(error: unknown): boolean {
  return failuresOf(error).some(({ code }) => code !== undefined && TEXT_REFUSED.has(code));
}

/** DATABASE_UNAVAILABLE that says which database and why. The password of the URL stays out of it. */
export function databaseUnavailable(url: string, cause: unknown): ArchiveError {
  const innermost = failuresOf(cause).at(-1);
  return new ArchiveError(
    'DATABASE_UNAVAILABLE',
    { ...locationOf(url), code: innermost?.code ?? null, reason: lastLine(innermost?.message ?? String(cause)) },
    { cause },
  );
}

/** Prisma puts the call that failed first, over several lines; what went wrong stands last. */
function lastLine(message: string): string {
  return message.trimEnd().split('\n').at(-1) ?? message;
}

/** Host, port, database and user of a connection URL: all that may be shown of it. */
function locationOf(url: string): Record<string, string> {
  if (!URL.canParse(url)) return {};
  const { hostname, port, pathname, username } = new URL(url);
  return { host: hostname, port: port || '5432', database: pathname.slice(1), user: decodeURIComponent(username) };
}

import { isConnectionFailure, isTextRefused } from '@envarium/database';
import { ArchiveError, type ErrorCode } from '@envarium/errors';
import { HttpException } from '@nestjs/common';
import { z } from 'zod';

const CODE_OF_STATUS: ReadonlyMap<number, ErrorCode> = new Map([
  [400, 'REQUEST_INVALID'],
  [401, 'UNAUTHORIZED'],
  [403, 'DENIED'],
  [404, 'NOT_FOUND'],
  [405, 'METHOD_NOT_ALLOWED'],
  [413, 'BODY_TOO_LARGE'],
  [414, 'REQUEST_INVALID'],
  [415, 'UNSUPPORTED_MEDIA_TYPE'],
  [431, 'REQUEST_INVALID'],
]);

/** Fastify's own errors and Nest's carry a status; the rest of their shape differs. */
const StatusError = z.object({ statusCode: z.number().int(), message: z.string() });
const MessageBody = z.object({ message: z.union([z.string(), z.array(z.string())]) });

/** Every failure of a request as an error of our table. INTERNAL keeps its cause, which is logged and never shown. */
export function toArchiveError(error: unknown): ArchiveError {
  if (error instanceof ArchiveError) return error;
  if (isConnectionFailure(error)) return new ArchiveError('DATABASE_UNAVAILABLE', {}, { cause: error });
  // Bodies are checked before; what comes here is a NUL in an address.
  if (isTextRefused(error)) return new ArchiveError('REQUEST_INVALID', { reason: 'nul-character' }, { cause: error });
  if (error instanceof HttpException) {
    const body = MessageBody.safeParse(error.getResponse());
    return byStatus(error.getStatus(), body.success ? body.data.message : error.message, error);
  }
  const parsed = StatusError.safeParse(error);
  if (parsed.success) return byStatus(parsed.data.statusCode, parsed.data.message, error);
  return new ArchiveError('INTERNAL', {}, { cause: error });
}

function byStatus(status: number, message: string | string[], cause: unknown): ArchiveError {
  const code = CODE_OF_STATUS.get(status);
  if (code === undefined) return new ArchiveError('INTERNAL', {}, { cause });
  return new ArchiveError(code, { problems: [message].flat().slice(0, 20) }, { cause });
}

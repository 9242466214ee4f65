import { ArchiveError, toOciBody } from '@envarium/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toArchiveError } from '../http/to-archive-error.js';
import { sendJson } from './oci-reply.js';

const RETRY_AFTER_SECONDS = 2;

/**
 * Answers with the error envelope. A client that went away is no failure of ours: nothing is logged or answered.
 * @param challenge value of `WWW-Authenticate` for a 401
 */
export async function sendOciError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  challenge: (failure: ArchiveError) => string,
): Promise<void> {
  if (isClientGone(error, request)) {
    if (!reply.sent) reply.hijack();
    request.log.debug({ err: error }, 'client went away');
    return;
  }
  const failure = asFailure(error, request);
  if (failure.status >= 500) request.log.error({ err: error }, 'request under /v2 failed');
  if (reply.sent) return;
  if (failure.status === 401) reply.header('www-authenticate', challenge(failure));
  if (failure.isTemporary) reply.header('retry-after', RETRY_AFTER_SECONDS);
  await sendJson(reply.code(failure.status), envelope(failure));
}

/** The specification has no code for what should not happen; UNKNOWN is what other registries say and clients know. */
function envelope(failure: ArchiveError): { errors: readonly object[] } {
  const body = toOciBody(failure);
  return failure.code === 'INTERNAL' ? { errors: [{ ...body.errors[0], code: 'UNKNOWN' }] } : body;
}

function asFailure(error: unknown, request: FastifyRequest): ArchiveError {
  const failure = toArchiveError(error);
  if (failure.code !== 'INTERNAL') return failure;
  return new ArchiveError('INTERNAL', { requestId: request.id }, { cause: error });
}

function isClientGone(error: unknown, request: FastifyRequest): boolean {
  if (error instanceof ArchiveError && error.code === 'CLIENT_CLOSED_REQUEST') return true;
  // A store that fails in the middle of an answer ends the connection itself.
  if (error instanceof ArchiveError && error.status >= 500) return false;
  return request.raw.errored !== null || request.raw.socket.destroyed;
}

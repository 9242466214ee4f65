import { toProblem } from '@envarium/errors';
import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toArchiveError } from './to-archive-error.js';

/** All failures of REST as problem+json (RFC 9457). Logged here, once. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(thrown: unknown, host: ArgumentsHost): void {
    // Mercurius collects the errors of resolvers itself and gives them to its formatter.
    if (host.getType<string>() !== 'http') throw thrown;
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    sendProblem(thrown, request, reply);
  }
}

export function sendProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const error = toArchiveError(thrown);
  if (error.status >= 500)
    request.log.error({ err: error.cause ?? error, code: error.code, detail: error.detail }, error.message);
  if (reply.sent) return;
  if (error.status === 401) void reply.header('WWW-Authenticate', 'Bearer realm="envarium"');
  if (error.isTemporary) void reply.header('Retry-After', '5');
  void reply
    .status(error.status)
    .header('Content-Type', 'application/problem+json')
    .header('Cache-Control', 'no-store')
    .send(JSON.stringify(toProblem(error, request.id)));
}

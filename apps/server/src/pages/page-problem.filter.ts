import { type ArgumentsHost, Catch } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemFilter } from '../http/problem.filter.js';
import { toArchiveError } from '../http/to-archive-error.js';
import { ProblemPage } from './problem-page.js';
import { sendPage } from './send-page.js';

/** Addresses of programs, also when a person opens them in a browser. */
const FOR_PROGRAMS = /^\/(?:api|v2|graphql|metrics|healthz|readyz)(?:[/?]|$)/;

/** Failures as pages for whoever asks for pages; everything else as ever. */
@Catch()
export class PageProblemFilter extends ProblemFilter {
  override catch(thrown: unknown, host: ArgumentsHost): void {
    if (host.getType<string>() !== 'http') return super.catch(thrown, host);
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    if (!wantsPage(request)) return super.catch(thrown, host);
    const error = toArchiveError(thrown);
    if (error.status >= 500) {
      request.log.error({ err: error.cause ?? error, code: error.code, detail: error.detail }, error.message);
    }
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (reply.sent) return;
    if (error.status === 401) void reply.header('WWW-Authenticate', 'Bearer realm="envarium"');
    if (error.isTemporary) void reply.header('Retry-After', '5');
    sendPage(reply, error.status, ProblemPage({ error, requestId: request.id }));
  }
}

function wantsPage(request: FastifyRequest): boolean {
  if (FOR_PROGRAMS.test(request.url)) return false;
  return (request.headers.accept ?? '').includes('text/html');
}

import { ANONYMOUS, type Principal } from '@envarium/access';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

const principals = new WeakMap<object, Principal>();

export function setCaller(request: FastifyRequest['raw'], principal: Principal): void {
  principals.set(request, principal);
}

export function callerOf(request: FastifyRequest['raw']): Principal {
  return principals.get(request) ?? ANONYMOUS;
}

/** The principal of a REST request, as the permission guard found it. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  return callerOf(context.switchToHttp().getRequest<FastifyRequest>().raw);
});

import { AuthenticationService } from '@envarium/access';
import { ArchiveError } from '@envarium/errors';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { setCaller } from './caller.js';
import { Requires } from './permission.js';

/** Finds out who calls, and refuses by default. */
@Injectable()
export class PermissionGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authentication: AuthenticationService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const permission = this.reflector.getAllAndOverride(Requires, [context.getHandler(), context.getClass()]);
    if (permission === undefined) throw new ArchiveError('DENIED', { reason: 'the route states no permission' });
    // GraphQL finds its caller when the context of the operation is built; field resolvers come through here many times.
    if (context.getType<string>() !== 'http') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const principal = await this.authentication.principalOf(request.headers.authorization);
    if (permission === 'account' && principal.kind === 'anonymous') throw new ArchiveError('UNAUTHORIZED');
    setCaller(request.raw, principal);
    return true;
  }
}

import { NamespacesService, type Principal } from '@envarium/access';
import { WhoAmI } from '@envarium/schema';
import { Context, Query, Resolver } from '@nestjs/graphql';
import type { z } from 'zod';
import { Requires } from '../http/permission.js';
import { WhoAmIType } from './types.js';

@Resolver()
@Requires('public')
export class WhoAmIResolver {
  constructor(private readonly namespaces: NamespacesService) {}

  @Query(() => WhoAmIType, { description: 'Who the token belongs to, and what it may do' })
  async whoami(@Context('caller') caller: Principal): Promise<z.infer<typeof WhoAmI>> {
    const memberships = await this.namespaces.memberships(caller);
    if (caller.kind === 'anonymous') return { account: null, isAdmin: false, memberships: [] };
    return { account: caller.name, isAdmin: caller.isAdmin, memberships };
  }
}

import type { EdgePage } from '@envarium/database';
import { PointersService } from '@envarium/decay';
import { type VersionKey, versionReference } from '@envarium/records';
import { RecordVersion, UpstreamPointer } from '@envarium/schema';
import { Args, Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { Requires } from '../http/permission.js';
import {
  type Connection,
  ConnectionArguments,
  connectionArguments,
  ConnectionArgumentsType,
  toConnection,
} from './connection.js';
import { type OperationContext, Relation } from './operation-context.js';
import { PointerConnection, VersionType } from './types.js';

/** What of the world outside a version came from. */
@Resolver(() => VersionType)
@Requires('public')
export class PointersResolver {
  private readonly pointersOf: Relation<VersionKey, ConnectionArguments, EdgePage<UpstreamPointer>>;

  constructor(pointers: PointersService) {
    this.pointersOf = new Relation(
      versionReference,
      async (caller, keys, { first, after }) => await pointers.ofVersions(caller, keys, first, after ?? null),
    );
  }

  @ResolveField(() => PointerConnection, {
    description: 'where it came from, and whether those places still answer with the same bytes, as written down',
  })
  async pointers(
    @Parent() version: RecordVersion,
    @Args({ type: () => ConnectionArgumentsType }, connectionArguments) args: ConnectionArguments,
    @Context() context: OperationContext,
  ): Promise<Connection<UpstreamPointer>> {
    return toConnection(await this.pointersOf.load(context, version, args));
  }
}

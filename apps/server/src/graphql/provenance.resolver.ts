import type { EdgePage } from '@envarium/database';
import { ProvenanceBatchesService } from '@envarium/provenance';
import { type VersionKey, versionReference } from '@envarium/records';
import { ArchivedClosure, ArchivedRecipe, Receipt, RecordVersion } from '@envarium/schema';
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
import { ClosureConnection, ReceiptConnection, RecipeType, VersionType } from './types.js';

/** How a version is rebuilt, and what that gave. */
@Resolver(() => VersionType)
@Requires('public')
export class ProvenanceResolver {
  private readonly recipeOf: Relation<VersionKey, null, ArchivedRecipe>;
  private readonly closuresOf: Relation<VersionKey, ConnectionArguments, EdgePage<ArchivedClosure>>;
  private readonly receiptsOf: Relation<VersionKey, ConnectionArguments, EdgePage<Receipt>>;

  constructor(batches: ProvenanceBatchesService) {
    this.recipeOf = new Relation(versionReference, async (caller, keys) => await batches.recipes(caller, keys));
    this.closuresOf = new Relation(
      versionReference,
      async (caller, keys, { first, after }) => await batches.closures(caller, keys, first, after ?? null),
    );
    this.receiptsOf = new Relation(
      versionReference,
      async (caller, keys, { first, after }) => await batches.receipts(caller, keys, first, after ?? null),
    );
  }

  @ResolveField(() => RecipeType, { nullable: true, description: 'what it is built from, and what that leaves open' })
  async recipe(
    @Parent() version: RecordVersion,
    @Context() context: OperationContext,
  ): Promise<ArchivedRecipe | undefined> {
    return await this.recipeOf.load(context, version, null);
  }

  @ResolveField(() => ClosureConnection, { description: 'what was recorded for rebuilds, newest first' })
  async closures(
    @Parent() version: RecordVersion,
    @Args({ type: () => ConnectionArgumentsType }, connectionArguments) args: ConnectionArguments,
    @Context() context: OperationContext,
  ): Promise<Connection<ArchivedClosure>> {
    return toConnection(await this.closuresOf.load(context, version, args));
  }

  @ResolveField(() => ReceiptConnection, {
    description: 'signed statements about rebuilds and re-runs, newest first; computed here, never reported by others',
  })
  async receipts(
    @Parent() version: RecordVersion,
    @Args({ type: () => ConnectionArgumentsType }, connectionArguments) args: ConnectionArguments,
    @Context() context: OperationContext,
  ): Promise<Connection<Receipt>> {
    return toConnection(await this.receiptsOf.load(context, version, args));
  }
}

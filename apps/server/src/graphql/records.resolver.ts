import type { Principal } from '@envarium/access';
import type { EdgePage } from '@envarium/database';
import { RecordBatchesService, RecordsService } from '@envarium/records';
import { ArchiveRecord, RecordVersion } from '@envarium/schema';
import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { z } from 'zod';
import { Requires } from '../http/permission.js';
import { ZodArgument, ZodArguments } from './arguments.js';
import {
  type Connection,
  ConnectionArguments,
  connectionArguments,
  ConnectionArgumentsType,
  toConnection,
} from './connection.js';
import { type OperationContext, Relation } from './operation-context.js';
import { RecordConnection, RecordType, VersionConnection } from './types.js';
import { argumentsType } from './zod-types.js';

const RecordsArguments = ConnectionArguments.extend({
  namespace: z.string().max(255).optional().describe('only records of this namespace'),
});
type RecordsArguments = z.infer<typeof RecordsArguments>;
const RecordsArgumentsType = argumentsType('RecordsArguments', RecordsArguments);

@Resolver(() => RecordType)
@Requires('public')
export class RecordsResolver {
  private readonly versionsOf: Relation<string, ConnectionArguments, EdgePage<RecordVersion>>;

  constructor(
    private readonly records: RecordsService,
    batches: RecordBatchesService,
  ) {
    this.versionsOf = new Relation(
      (recordId) => recordId,
      async (caller, ids, { first, after }) => await batches.versions(caller, ids, first, after ?? null),
    );
  }

  @Query(() => RecordConnection, { name: 'records', description: 'Records that the caller may see, newest first' })
  async list(
    @Context('caller') caller: Principal,
    @Args({ type: () => RecordsArgumentsType }, new ZodArguments(RecordsArguments)) args: RecordsArguments,
  ): Promise<Connection<ArchiveRecord>> {
    return toConnection(
      await this.records.listEdges(caller, { namespace: args.namespace }, args.first, args.after ?? null),
    );
  }

  @Query(() => RecordType, {
    name: 'record',
    nullable: true,
    description: 'One record: env-3k7q-9w2x, or its repository name',
  })
  async one(
    @Context('caller') caller: Principal,
    @Args('reference', { type: () => String }, new ZodArgument()) reference: string,
  ): Promise<ArchiveRecord> {
    return await this.records.record(caller, reference);
  }

  @ResolveField(() => VersionConnection, { description: 'newest first' })
  async versions(
    @Parent() record: ArchiveRecord,
    @Args({ type: () => ConnectionArgumentsType }, connectionArguments) args: ConnectionArguments,
    @Context() context: OperationContext,
  ): Promise<Connection<RecordVersion>> {
    return toConnection(await this.versionsOf.load(context, record.id, args));
  }
}

import type { Principal } from '@envarium/access';
import { ArticleBatchesService } from '@envarium/articles';
import type { EdgePage } from '@envarium/database';
import { RecordBatchesService, RecordsService, type VersionKey, versionReference } from '@envarium/records';
import { ResolutionService } from '@envarium/resolution';
import {
  ArchiveRecord,
  Hold,
  OutputLink,
  PackageFile,
  RecordVersion,
  Resolution,
  ResolveQuery,
} from '@envarium/schema';
import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
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
import { HoldType, OutputLinkConnection, PackageFileType, RecordType, ResolutionType, VersionType } from './types.js';
import { argumentsType } from './zod-types.js';

const ResolveArgumentsType = argumentsType('ResolveArguments', ResolveQuery);
const resolveArguments = new ZodArguments(ResolveQuery);

/** Asks every source and reads the state of every blob of the image: not for long lists. */
const RESOLUTION_COST = 200;

@Resolver(() => VersionType)
@Requires('public')
export class VersionsResolver {
  private readonly recordOf: Relation<string, null, ArchiveRecord>;
  private readonly filesOf: Relation<VersionKey, null, readonly PackageFile[]>;
  private readonly holdsOf: Relation<VersionKey, null, readonly Hold[]>;
  private readonly linksOf: Relation<VersionKey, ConnectionArguments, EdgePage<OutputLink>>;

  constructor(
    private readonly versions: RecordsService,
    private readonly resolutions: ResolutionService,
    batches: RecordBatchesService,
    articles: ArticleBatchesService,
  ) {
    this.recordOf = new Relation(
      (recordId) => recordId,
      async (caller, ids) => await batches.records(caller, ids),
    );
    this.filesOf = new Relation(versionReference, async (caller, keys) => await batches.packageFiles(caller, keys));
    this.holdsOf = new Relation(versionReference, async (caller, keys) => await batches.holds(caller, keys));
    this.linksOf = new Relation(
      versionReference,
      async (caller, keys, { first, after }) => await articles.linksOfVersions(caller, keys, first, after ?? null),
    );
  }

  @Query(() => VersionType, {
    name: 'version',
    nullable: true,
    description: 'One version: env-3k7q-9w2x@v1 or lab/eeg@v1; without @vN the newest published one',
  })
  async one(
    @Context('caller') caller: Principal,
    @Args('reference', { type: () => String }, new ZodArgument()) reference: string,
  ): Promise<RecordVersion> {
    return await this.versions.version(caller, reference);
  }

  @ResolveField(() => RecordType, { nullable: true })
  async record(
    @Parent() version: RecordVersion,
    @Context() context: OperationContext,
  ): Promise<ArchiveRecord | undefined> {
    return await this.recordOf.load(context, version.recordId, null);
  }

  @ResolveField(() => [PackageFileType], { description: 'as deposited, with what was understood of each' })
  async packageFiles(
    @Parent() version: RecordVersion,
    @Context() context: OperationContext,
  ): Promise<readonly PackageFile[]> {
    return (await this.filesOf.load(context, version, null)) ?? [];
  }

  @ResolveField(() => [HoldType], { description: 'why the bytes of this version may not be deleted' })
  async holds(@Parent() version: RecordVersion, @Context() context: OperationContext): Promise<readonly Hold[]> {
    return (await this.holdsOf.load(context, version, null)) ?? [];
  }

  @ResolveField(() => OutputLinkConnection, {
    description: 'outputs of articles that came out of this version, oldest claim first',
  })
  async links(
    @Parent() version: RecordVersion,
    @Args({ type: () => ConnectionArgumentsType }, connectionArguments) args: ConnectionArguments,
    @Context() context: OperationContext,
  ): Promise<Connection<OutputLink>> {
    return toConnection(await this.linksOf.load(context, version, args));
  }

  @ResolveField(() => ResolutionType, {
    complexity: RESOLUTION_COST,
    description: 'every way to obtain this environment, with grade and evidence, and whether it fits a machine',
  })
  async resolution(
    @Parent() version: RecordVersion,
    @Args({ type: () => ResolveArgumentsType }, resolveArguments) query: ResolveQuery,
    @Context('caller') caller: Principal,
  ): Promise<Resolution> {
    return await this.resolutions.resolve(caller, versionReference(version), query);
  }
}

import type { Principal } from '@envarium/access';
import { JobFollowService, JobsService } from '@envarium/jobs';
import { versionReference } from '@envarium/records';
import type { Job, RecordVersion } from '@envarium/schema';
import { Args, Context, Parent, Query, ResolveField, Resolver, Subscription } from '@nestjs/graphql';
import { Requires } from '../http/permission.js';
import { ZodArgument } from './arguments.js';
import {
  type Connection,
  ConnectionArguments,
  connectionArguments,
  ConnectionArgumentsType,
  toConnection,
} from './connection.js';
import { JobConnection, JobType, VersionType } from './types.js';

/** Asked for each version alone. */
const JOBS_COST = 20;

@Resolver(() => JobType)
@Requires('public')
export class JobsResolver {
  constructor(
    private readonly jobs: JobsService,
    private readonly follows: JobFollowService,
  ) {}

  @Query(() => JobType, { name: 'job', nullable: true, description: 'A rehearsal, a rebuild or a re-run' })
  async one(
    @Context('caller') caller: Principal,
    @Args('id', { type: () => String }, new ZodArgument()) id: string,
  ): Promise<Job> {
    return await this.jobs.find(caller, id);
  }

  @Subscription(() => JobType, {
    name: 'jobProgress',
    description: 'The job now and each time it has changed, until it has ended',
    resolve: (job: Job) => job,
  })
  async progress(
    @Context('caller') caller: Principal,
    @Context('signal') signal: AbortSignal,
    @Args('id', { type: () => String }, new ZodArgument()) id: string,
  ): Promise<AsyncGenerator<Job>> {
    const events = await this.follows.follow(caller, id, null, signal);
    async function* changes(): AsyncGenerator<Job> {
      for await (const event of events) if (event.type === 'job') yield event.job;
    }
    return changes();
  }
}

@Resolver(() => VersionType)
@Requires('public')
export class VersionJobsResolver {
  constructor(private readonly jobs: JobsService) {}

  @ResolveField(() => JobConnection, {
    name: 'jobs',
    complexity: JOBS_COST,
    description: 'rehearsals, rebuilds and re-runs of this version, newest first',
  })
  async ofVersion(
    @Parent() version: RecordVersion,
    @Args({ type: () => ConnectionArgumentsType }, connectionArguments) { first, after }: ConnectionArguments,
    @Context('caller') caller: Principal,
  ): Promise<Connection<Job>> {
    return toConnection(await this.jobs.listEdges(caller, versionReference(version), first, after ?? null));
  }
}

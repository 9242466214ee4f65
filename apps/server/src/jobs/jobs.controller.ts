import { IdempotencyService, type Principal } from '@envarium/access';
import type { Page } from '@envarium/database';
import { JobsService } from '@envarium/jobs';
import { CreateJob, Job, PageQuery, pageSchema } from '@envarium/schema';
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Caller } from '../http/caller.js';
import { Requires } from '../http/permission.js';

const VERSION = { name: 'version', description: 'as in lab%2Feeg@v1 or env-3k7q-9w2x@v1' };

/** Long work on versions. State, outcome and grade are seen by whoever may read the version. */
@ApiTags('jobs')
@ApiBearerAuth()
@Controller('api/v1')
@Requires('public')
export class JobsController {
  constructor(
    private readonly jobs: JobsService,
    private readonly idempotency: IdempotencyService,
  ) {}

  @Post('versions/:version/jobs')
  @HttpCode(202)
  @Requires('account')
  @ApiOperation({
    summary: 'Rehearse or rebuild a published version, or repeat one of its runs',
    description: 'An equal job that has not ended is given instead of a second one.',
  })
  @ApiParam(VERSION)
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'the same key again gives the same answer, for a day',
  })
  @ApiAcceptedResponse({ standardSchema: Job })
  async create(
    @Caller() caller: Principal,
    @Param('version') version: string,
    @Headers('idempotency-key') key: string | undefined,
    @Body({ schema: CreateJob }) body: CreateJob,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Job> {
    const parse = (value: unknown): Job => Job.parse(value);
    const answer = await this.idempotency.once(caller, key ?? null, { ...body, version }, parse, async () => ({
      status: 202,
      body: await this.jobs.request(caller, version, body),
    }));
    void reply.header('Location', `/api/v1/jobs/${answer.body.id}`);
    return answer.body;
  }

  @Get('versions/:version/jobs')
  @ApiOperation({ summary: 'Jobs of a version, newest first; without @vN those of all versions' })
  @ApiParam(VERSION)
  @ApiOkResponse({ standardSchema: pageSchema(Job) })
  async listOfVersion(
    @Caller() caller: Principal,
    @Param('version') version: string,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<Job>> {
    return await this.jobs.list(caller, version, query.limit, query.cursor ?? null);
  }

  @Get('records/:record/jobs')
  @ApiOperation({ summary: 'Jobs of all versions of a record, newest first' })
  @ApiOkResponse({ standardSchema: pageSchema(Job) })
  async listOfRecord(
    @Caller() caller: Principal,
    @Param('record') record: string,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<Job>> {
    return await this.jobs.list(caller, record, query.limit, query.cursor ?? null);
  }

  @Get('jobs/:id')
  @ApiOperation({ summary: 'How far a job is, and what came of it' })
  @ApiOkResponse({ standardSchema: Job })
  async one(@Caller() caller: Principal, @Param('id') id: string): Promise<Job> {
    return await this.jobs.find(caller, id);
  }

  @Post('jobs/:id/cancel')
  @HttpCode(200)
  @Requires('account')
  @ApiOperation({ summary: 'Stop a job; one that runs ends within seconds' })
  @ApiOkResponse({ standardSchema: Job })
  async cancel(@Caller() caller: Principal, @Param('id') id: string): Promise<Job> {
    return await this.jobs.cancel(caller, id);
  }
}

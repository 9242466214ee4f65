import { IdempotencyService, type Principal } from '@envarium/access';
import type { Page } from '@envarium/database';
import { IngestsService } from '@envarium/ingest';
import { CreateIngest, Ingest, PageQuery, pageSchema } from '@envarium/schema';
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

const REPOSITORY = { name: 'repository', description: 'OCI repository name, with / written as %2F' };

@ApiTags('ingests')
@ApiBearerAuth()
@Controller('api/v1')
@Requires('account')
export class IngestsController {
  constructor(
    private readonly ingests: IngestsService,
    private readonly idempotency: IdempotencyService,
  ) {}

  @Post('repositories/:repository/ingests')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Copy an image from another registry: all platforms, referrers and signatures, digest unchanged',
  })
  @ApiParam(REPOSITORY)
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'the same key again gives the same answer, for a day',
  })
  @ApiAcceptedResponse({ standardSchema: Ingest })
  async create(
    @Caller() caller: Principal,
    @Param('repository') repository: string,
    @Headers('idempotency-key') key: string | undefined,
    @Body({ schema: CreateIngest }) body: CreateIngest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Ingest> {
    const parse = (value: unknown): Ingest => Ingest.parse(value);
    // What tells one request from another is remembered as a hash, and a password is too easily found from one.
    const { credentials, ...rest } = body;
    const request = { ...rest, repository, username: credentials?.username ?? null };
    const answer = await this.idempotency.once(caller, key ?? null, request, parse, async () => ({
      status: 202,
      body: await this.ingests.request(caller, repository, body),
    }));
    void reply.header('Location', `/api/v1/ingests/${answer.body.id}`);
    return answer.body;
  }

  @Get('repositories/:repository/ingests')
  @ApiOperation({ summary: 'Ingests of a repository, newest first (members of its namespace)' })
  @ApiParam(REPOSITORY)
  @ApiOkResponse({ standardSchema: pageSchema(Ingest) })
  async list(
    @Caller() caller: Principal,
    @Param('repository') repository: string,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<Ingest>> {
    return await this.ingests.list(caller, repository, query.limit, query.cursor ?? null);
  }

  @Get('ingests/:id')
  @ApiOperation({ summary: 'How far an ingest is, and what became of it (members of its namespace)' })
  @ApiOkResponse({ standardSchema: Ingest })
  async one(@Caller() caller: Principal, @Param('id') id: string): Promise<Ingest> {
    return await this.ingests.find(caller, id);
  }

  @Post('ingests/:id/cancel')
  @HttpCode(200)
  @ApiOperation({ summary: 'Stop an ingest; what was transferred stays' })
  @ApiOkResponse({ standardSchema: Ingest })
  async cancel(@Caller() caller: Principal, @Param('id') id: string): Promise<Ingest> {
    return await this.ingests.cancel(caller, id);
  }
}

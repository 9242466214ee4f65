import type { Principal } from '@envarium/access';
import { LinksService } from '@envarium/articles';
import { PublishService, RecordsService } from '@envarium/records';
import { FitService, ResolutionService } from '@envarium/resolution';
import {
  CreateLink,
  FitAnswer,
  FitQuestion,
  Hold,
  OutputLink,
  PackageFile,
  pageSchema,
  PublishVersion,
  RecordVersion,
  Resolution,
  ResolveQuery,
} from '@envarium/schema';
import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { setCreated } from '../http/body.js';
import { Caller } from '../http/caller.js';
import { Requires } from '../http/permission.js';

interface WholeList<T> {
  readonly items: readonly T[];
  readonly next: null;
}

/** One version, addressed as `lab%2Feeg@v1` or `env-3k7q-9w2x@v1`. */
@ApiTags('versions')
@ApiBearerAuth()
@Controller('api/v1/versions/:version')
@Requires('public')
export class VersionsController {
  constructor(
    private readonly records: RecordsService,
    private readonly publication: PublishService,
    private readonly links: LinksService,
    private readonly resolution: ResolutionService,
    private readonly fits: FitService,
  ) {}

  @Get()
  @ApiOperation({ summary: 'One version; without @vN the newest published one' })
  @ApiOkResponse({ standardSchema: RecordVersion })
  async one(@Caller() caller: Principal, @Param('version') version: string): Promise<RecordVersion> {
    return await this.records.version(caller, version);
  }

  @Post('publish')
  @HttpCode(200)
  @Requires('account')
  @ApiOperation({ summary: 'Freeze a draft: record artifact, digest, hold. It can never change afterwards' })
  @ApiOkResponse({ standardSchema: RecordVersion })
  async publish(
    @Caller() caller: Principal,
    @Param('version') version: string,
    @Body({ schema: PublishVersion }) body: PublishVersion,
  ): Promise<RecordVersion> {
    const reference = await this.publication.publish(caller, version, body);
    return await this.records.version(caller, reference);
  }

  @Get('files')
  @ApiOperation({ summary: 'Package files, with what was understood of each' })
  @ApiOkResponse({ standardSchema: pageSchema(PackageFile) })
  async files(@Caller() caller: Principal, @Param('version') version: string): Promise<WholeList<PackageFile>> {
    return { items: await this.records.packageFiles(caller, version), next: null };
  }

  @Get('holds')
  @ApiOperation({ summary: 'Why the bytes of this version may not be deleted' })
  @ApiOkResponse({ standardSchema: pageSchema(Hold) })
  async holds(@Caller() caller: Principal, @Param('version') version: string): Promise<WholeList<Hold>> {
    return { items: await this.records.holds(caller, version), next: null };
  }

  @Get('resolution')
  @ApiOperation({
    summary: 'Every way to obtain this environment, with grade and evidence, and whether it fits a machine',
  })
  @ApiOkResponse({ standardSchema: Resolution })
  async resolve(
    @Caller() caller: Principal,
    @Param('version') version: string,
    @Query({ schema: ResolveQuery }) query: ResolveQuery,
  ): Promise<Resolution> {
    return await this.resolution.resolve(caller, version, query);
  }

  @Post('fit')
  @HttpCode(200)
  @ApiOperation({
    summary:
      'Will it start on my machine, and should the bits match: asked with reports of it, of which nothing is kept',
  })
  @ApiOkResponse({ standardSchema: FitAnswer })
  async fit(
    @Caller() caller: Principal,
    @Param('version') version: string,
    @Body({ schema: FitQuestion }) question: FitQuestion,
  ): Promise<FitAnswer> {
    return await this.fits.answer(caller, version, question);
  }

  @Get('links')
  @ApiOperation({ summary: 'Outputs of articles that came out of this version' })
  @ApiOkResponse({ standardSchema: pageSchema(OutputLink) })
  async listLinks(@Caller() caller: Principal, @Param('version') version: string): Promise<WholeList<OutputLink>> {
    return { items: await this.links.ofVersion(caller, version), next: null };
  }

  @Post('links')
  @Requires('account')
  @ApiOperation({ summary: 'Say that a figure, table or number of an article came out of this version' })
  @ApiCreatedResponse({ standardSchema: OutputLink })
  async link(
    @Caller() caller: Principal,
    @Param('version') version: string,
    @Body({ schema: CreateLink }) body: CreateLink,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OutputLink> {
    const { link, isNew } = await this.links.create(caller, version, body);
    setCreated(reply, isNew);
    return link;
  }
}

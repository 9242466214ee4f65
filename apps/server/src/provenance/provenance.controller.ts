import type { Principal } from '@envarium/access';
import type { Page } from '@envarium/database';
import { ProvenanceService } from '@envarium/provenance';
import { ArchivedClosure, ArchivedRecipe, ClosurePackage, PageQuery, pageSchema, Receipt } from '@envarium/schema';
import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Caller } from '../http/caller.js';
import { Requires } from '../http/permission.js';

/** How a version is rebuilt, and what that gave. */
@ApiTags('receipts')
@ApiBearerAuth()
@Controller('api/v1/versions/:version')
@Requires('public')
export class ProvenanceController {
  constructor(private readonly provenance: ProvenanceService) {}

  @Get('recipe')
  @ApiOperation({ summary: 'What this version is built from, and what that leaves open' })
  @ApiOkResponse({ standardSchema: ArchivedRecipe })
  async recipe(@Caller() caller: Principal, @Param('version') version: string): Promise<ArchivedRecipe> {
    return await this.provenance.recipe(caller, version);
  }

  @Get('recipe/Dockerfile')
  @ApiOperation({ summary: 'The Dockerfile of the recipe, byte for byte as it is built' })
  @ApiProduces('text/plain')
  async dockerfile(
    @Caller() caller: Principal,
    @Param('version') version: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const bytes = await this.provenance.dockerfile(caller, version);
    await reply
      .headers({
        'content-type': 'text/plain; charset=utf-8',
        'content-disposition': 'attachment; filename="Dockerfile"',
        'x-content-type-options': 'nosniff',
      })
      .send(bytes);
  }

  @Get('closures')
  @ApiOperation({ summary: 'What was recorded for rebuilds of this version, newest first' })
  @ApiOkResponse({ standardSchema: pageSchema(ArchivedClosure) })
  async closures(
    @Caller() caller: Principal,
    @Param('version') version: string,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<ArchivedClosure>> {
    return await this.provenance.closures(caller, version, query.limit, query.cursor ?? null);
  }

  @Get('closure/packages')
  @ApiOperation({ summary: 'What the newest closure holds, as packages' })
  @ApiOkResponse({ standardSchema: pageSchema(ClosurePackage) })
  async packages(
    @Caller() caller: Principal,
    @Param('version') version: string,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<ClosurePackage>> {
    return await this.provenance.closurePackages(caller, version, query.limit, query.cursor ?? null);
  }

  @Get('receipts')
  @ApiOperation({ summary: 'Signed statements about rebuilds and re-runs of this version, newest first' })
  @ApiOkResponse({ standardSchema: pageSchema(Receipt) })
  async receipts(
    @Caller() caller: Principal,
    @Param('version') version: string,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<Receipt>> {
    return await this.provenance.receipts(caller, version, query.limit, query.cursor ?? null);
  }
}

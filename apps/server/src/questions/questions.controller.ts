import type { Principal } from '@envarium/access';
import { type Page, pageOfEdges } from '@envarium/database';
import { parseDigest } from '@envarium/oci';
import { ContentUsesService, DiffService, MachineUsesService, PackageUsesService } from '@envarium/questions';
import {
  ContentUse,
  DiffQuestion,
  EnvironmentDiff,
  MachineQuestion,
  MachineUse,
  PackageQuestion,
  PackageUse,
  PackageUseSummary,
  PageQuery,
  pageSchema,
} from '@envarium/schema';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Caller } from '../http/caller.js';
import { Requires } from '../http/permission.js';

const PackageUsesQuery = PackageQuestion.extend(PageQuery.shape);
const PackageUsesPage = pageSchema(PackageUse).extend({
  summary: PackageUseSummary.nullable().describe('with the first page'),
});
type PackageUsesPage = Page<PackageUse> & { readonly summary: PackageUseSummary | null };

const MachineUsesQuery = MachineQuestion.and(PageQuery);

/** Questions about all environments that the caller may see. */
@ApiTags('questions')
@ApiBearerAuth()
@Controller('api/v1')
@Requires('public')
export class QuestionsController {
  constructor(
    private readonly packages: PackageUsesService,
    private readonly machines: MachineUsesService,
    private readonly contents: ContentUsesService,
    private readonly diffs: DiffService,
  ) {}

  @Get('packages/:ecosystem/:name/uses')
  @ApiOperation({
    summary: 'Which versions of records used this package in this range, with evidence, and which outputs came of it',
  })
  @ApiParam({ name: 'ecosystem', description: 'as in package URLs: pypi, conda, cran, npm, deb, ...' })
  @ApiParam({ name: 'name', description: '/ written as %2F' })
  @ApiOkResponse({ standardSchema: PackageUsesPage })
  async packageUses(
    @Caller() caller: Principal,
    @Param('ecosystem') ecosystem: string,
    @Param('name') name: string,
    @Query({ schema: PackageUsesQuery }) query: z.infer<typeof PackageUsesQuery>,
  ): Promise<PackageUsesPage> {
    if (query.cursor === undefined) {
      const { page, summary } = await this.packages.firstPage(caller, { ecosystem, name }, query, query.limit);
      return { ...pageOfEdges(page), summary };
    }
    const page = await this.packages.uses(caller, { ecosystem, name }, query, query.limit, query.cursor);
    return { ...pageOfEdges(page), summary: null };
  }

  @Get('machines/uses')
  @ApiOperation({ summary: 'Which versions ran on a machine of this kind, newest first' })
  @ApiOkResponse({ standardSchema: pageSchema(MachineUse) })
  async machineUses(
    @Caller() caller: Principal,
    @Query({ schema: MachineUsesQuery }) query: z.infer<typeof MachineUsesQuery>,
  ): Promise<Page<MachineUse>> {
    return pageOfEdges(await this.machines.uses(caller, query, query.limit, query.cursor ?? null));
  }

  @Get('contents/:digest/uses')
  @ApiOperation({
    summary: 'Which versions share this image, base image, layer, lock file or environment, newest first',
  })
  @ApiOkResponse({ standardSchema: pageSchema(ContentUse) })
  async contentUses(
    @Caller() caller: Principal,
    @Param('digest') digest: string,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<ContentUse>> {
    return pageOfEdges(await this.contents.uses(caller, parseDigest(digest), query.limit, query.cursor ?? null));
  }

  @Get('diff')
  @ApiOperation({
    summary:
      'What lies between two versions: packages, runtimes, systems, images and machines, with sentences for people',
  })
  @ApiOkResponse({ standardSchema: EnvironmentDiff })
  async diff(
    @Caller() caller: Principal,
    @Query({ schema: DiffQuestion }) { from, to }: DiffQuestion,
  ): Promise<EnvironmentDiff> {
    return await this.diffs.diff(caller, from, to);
  }
}

import type { Principal } from '@envarium/access';
import type { Page } from '@envarium/database';
import { RecordsService } from '@envarium/records';
import { ArchiveRecord, PageQuery, pageSchema, RecordVersion } from '@envarium/schema';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Caller } from '../http/caller.js';
import { Requires } from '../http/permission.js';

const ListQuery = PageQuery.extend({
  namespace: z.string().max(255).optional().describe('only records of this namespace'),
});

@ApiTags('records')
@ApiBearerAuth()
@Controller('api/v1/records')
@Requires('public')
export class RecordsController {
  constructor(private readonly records: RecordsService) {}

  @Get()
  @ApiOperation({ summary: 'Records that the caller may see, newest first' })
  @ApiOkResponse({ standardSchema: pageSchema(ArchiveRecord) })
  async list(
    @Caller() caller: Principal,
    @Query({ schema: ListQuery }) query: z.infer<typeof ListQuery>,
  ): Promise<Page<ArchiveRecord>> {
    return await this.records.list(caller, { namespace: query.namespace }, query.limit, query.cursor ?? null);
  }

  @Get(':record')
  @ApiOperation({ summary: 'One record' })
  @ApiParam({ name: 'record', description: 'env-3k7q-9w2x, or the repository name with / written as %2F' })
  @ApiOkResponse({ standardSchema: ArchiveRecord })
  async one(@Caller() caller: Principal, @Param('record') record: string): Promise<ArchiveRecord> {
    return await this.records.record(caller, record);
  }

  @Get(':record/versions')
  @ApiOperation({ summary: 'Versions of a record, newest first' })
  @ApiOkResponse({ standardSchema: pageSchema(RecordVersion) })
  async versions(
    @Caller() caller: Principal,
    @Param('record') record: string,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<RecordVersion>> {
    return await this.records.versions(caller, record, query.limit, query.cursor ?? null);
  }
}

import type { Principal } from '@envarium/access';
import type { Page } from '@envarium/database';
import { PreservationService } from '@envarium/registry';
import { FixityStatus, pageSchema, PreservationEvent, PreservationEventQuery } from '@envarium/schema';
import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Caller } from '../http/caller.js';
import { Requires } from '../http/permission.js';

@ApiTags('preservation')
@ApiBearerAuth()
@Controller('api/v1')
export class PreservationController {
  constructor(private readonly preservation: PreservationService) {}

  @Get('fixity')
  @Requires('public')
  @ApiOperation({ summary: 'How the stored bytes are doing: what was read back, what is damaged' })
  @ApiOkResponse({ standardSchema: FixityStatus })
  async status(): Promise<FixityStatus> {
    return await this.preservation.status();
  }

  @Get('preservation-events')
  @Requires('account')
  @ApiOperation({ summary: 'What happened to stored objects, in PREMIS terms, newest first (administrators)' })
  @ApiOkResponse({ standardSchema: pageSchema(PreservationEvent) })
  async events(
    @Caller() caller: Principal,
    @Query({ schema: PreservationEventQuery }) query: PreservationEventQuery,
  ): Promise<Page<PreservationEvent>> {
    return await this.preservation.events(caller, query);
  }
}

import type { Principal } from '@envarium/access';
import { ResolveService } from '@envarium/articles';
import { ResolveAnswer, ResolveQuestion } from '@envarium/schema';
import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Caller } from '../http/caller.js';
import { Requires } from '../http/permission.js';

@ApiTags('articles')
@ApiBearerAuth()
@Controller('api/v1/resolve')
@Requires('public')
export class ResolveController {
  constructor(private readonly environments: ResolveService) {}

  @Get()
  @ApiOperation({
    summary:
      'Every way to the environment behind an output, a figure file, an image or a version, with grade and evidence',
  })
  @ApiOkResponse({ standardSchema: ResolveAnswer })
  async resolve(
    @Caller() caller: Principal,
    @Query({ schema: ResolveQuestion }) question: ResolveQuestion,
  ): Promise<ResolveAnswer> {
    return await this.environments.resolve(caller, question);
  }
}

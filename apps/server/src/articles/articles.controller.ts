import type { Principal } from '@envarium/access';
import { ArticlesService } from '@envarium/articles';
import type { Page } from '@envarium/database';
import { Article, Output, OutputLink, PageQuery, pageSchema, WhatRanQuery } from '@envarium/schema';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Caller } from '../http/caller.js';
import { Requires } from '../http/permission.js';

const ArticleWithOutputs = z.object({ article: Article, outputs: z.array(Output) }).meta({ id: 'ArticleWithOutputs' });
const WhatRanPage = WhatRanQuery.and(PageQuery);

@ApiTags('articles')
@ApiBearerAuth()
@Controller('api/v1')
@Requires('public')
export class ArticlesController {
  constructor(private readonly articles: ArticlesService) {}

  @Get('articles')
  @ApiOperation({ summary: 'Articles with a link that the caller may see, newest first' })
  @ApiOkResponse({ standardSchema: pageSchema(Article) })
  async list(@Caller() caller: Principal, @Query({ schema: PageQuery }) query: PageQuery): Promise<Page<Article>> {
    return await this.articles.list(caller, query.limit, query.cursor ?? null);
  }

  @Get('articles/*')
  @ApiOperation({ summary: 'One article and its linked outputs' })
  @ApiParam({ name: '*', description: 'DOI in any usual spelling; / may stay as it is' })
  @ApiOkResponse({ standardSchema: ArticleWithOutputs })
  async one(@Caller() caller: Principal, @Param('*') doi: string): Promise<z.infer<typeof ArticleWithOutputs>> {
    return await this.articles.article(caller, doi);
  }

  @Get('what-ran')
  @ApiOperation({
    summary: 'What ran this figure? By DOI and label, by the DOI of the figure, or by the digest of its file',
  })
  @ApiOkResponse({ standardSchema: pageSchema(OutputLink) })
  async whatRan(
    @Caller() caller: Principal,
    @Query({ schema: WhatRanPage }) query: z.infer<typeof WhatRanPage>,
  ): Promise<Page<OutputLink>> {
    return await this.articles.whatRan(caller, query, query.limit, query.cursor ?? null);
  }
}

import { ANONYMOUS } from '@envarium/access';
import { ArticlesService, ResolveService } from '@envarium/articles';
import { ArchiveError } from '@envarium/errors';
import { versionReference } from '@envarium/records';
import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Requires } from '../http/permission.js';
import { recordPath } from './page-paths.js';
import { readSearch, SearchQuery } from './search-query.js';
import { sendPage } from './send-page.js';
import { WhatRanPage } from './what-ran-page.js';

const PAGE = 50;

@ApiExcludeController()
@Controller('what-ran')
@Requires('public')
export class WhatRanController {
  constructor(
    private readonly articles: ArticlesService,
    private readonly environments: ResolveService,
  ) {}

  @Get()
  async answer(@Query({ schema: SearchQuery }) text: SearchQuery, @Res() reply: FastifyReply): Promise<void> {
    const search = readSearch(text);
    switch (search.kind) {
      case 'nothing':
        return sendPage(reply, 200, WhatRanPage({ text }));
      case 'unclear':
        return sendPage(reply, 400, WhatRanPage({ text, problem: search.problem }));
      case 'record':
        return void reply.redirect(recordPath(search.reference), 302);
      case 'output':
        break;
    }
    try {
      const answer = await this.articles.whatRan(ANONYMOUS, search.query, PAGE, text.cursor || null);
      const { resolved } = await this.environments.ofLinks(ANONYMOUS, answer.items, {});
      const resolutions = new Map(resolved.map(({ version, resolution }) => [versionReference(version), resolution]));
      sendPage(reply, 200, WhatRanPage({ text, answer: { ...answer, resolutions } }));
    } catch (error) {
      // What was typed is wrong: it is shown again in its field, beside what to do about it.
      if (!(error instanceof ArchiveError) || error.status !== 400) throw error;
      sendPage(reply, 400, WhatRanPage({ text, problem: `${error.message}. ${error.remedy ?? ''}`.trim() }));
    }
  }
}

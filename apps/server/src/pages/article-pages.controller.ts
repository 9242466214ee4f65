import { ANONYMOUS } from '@envarium/access';
import { ArticlesService } from '@envarium/articles';
import { REGISTRY_ADDRESS, type RegistryAddress } from '@envarium/resolution';
import { Controller, Get, Inject, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Requires } from '../http/permission.js';
import { ArticlePage } from './article-page.js';
import { sendPage } from './send-page.js';

const CLAIMS_SHOWN = 500;

@ApiExcludeController()
@Controller('articles')
@Requires('public')
export class ArticlePagesController {
  constructor(
    private readonly articles: ArticlesService,
    @Inject(REGISTRY_ADDRESS) private readonly address: RegistryAddress,
  ) {}

  /** `/` in a DOI may stay as it is. */
  @Get('*')
  async article(@Param('*') doi: string, @Res() reply: FastifyReply): Promise<void> {
    const { article, outputs } = await this.articles.article(ANONYMOUS, doi);
    const { items: links } = await this.articles.whatRan(ANONYMOUS, { doi: article.doi }, CLAIMS_SHOWN, null);
    sendPage(reply, 200, ArticlePage({ article, outputs, links, publicUrl: this.address.publicUrl() }));
  }
}

import { Module } from '@nestjs/common';
import { RecordsModule } from '@envarium/records';
import { RegistryModule } from '@envarium/registry';
import { ArticleBatchesService } from './article-batches.service.js';
import { ArticlesReplayService } from './articles-replay.service.js';
import { ArticlesService } from './articles.service.js';
import { LinkArchive } from './link-archive.js';
import { LinksService } from './links.service.js';
import { ResolveService } from './resolve.service.js';

@Module({
  imports: [RecordsModule, RegistryModule],
  providers: [ArticleBatchesService, ArticlesReplayService, ArticlesService, LinkArchive, LinksService, ResolveService],
  exports: [ArticleBatchesService, ArticlesReplayService, ArticlesService, LinksService, ResolveService],
})
export class ArticlesModule {}

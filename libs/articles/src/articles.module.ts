import { Module } from '@nestjs/common';
import { RecordsModule } from '@envarium/records';
import { RegistryModule } from '@envarium/registry';
import { ArticleBatchesService } from './article-batches.service.js';
import { ArticlesReplayService } from './articles-replay.service.js';
import { ArticlesService } from './articles.service.js';
import { LinkArchive } from './link-archive.js';
import { LinksService } from './links.service.js';

@Module({
  imports: [RecordsModule, RegistryModule],
  providers: [ArticleBatchesService, ArticlesReplayService, ArticlesService, LinkArchive, LinksService],
  exports: [ArticleBatchesService, ArticlesReplayService, ArticlesService, LinksService],
})
export class ArticlesModule {}

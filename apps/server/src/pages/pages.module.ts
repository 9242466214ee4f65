import { ArticlesModule } from '@envarium/articles';
import { EnvironmentsModule } from '@envarium/environments';
import { ProvenanceModule } from '@envarium/provenance';
import { QuestionsModule } from '@envarium/questions';
import { RecordsModule } from '@envarium/records';
import { Module } from '@nestjs/common';
import { ArticlePagesController } from './article-pages.controller.js';
import { AssetsController } from './assets.controller.js';
import { DiffPageController } from './diff-page.controller.js';
import { HomeController } from './home.controller.js';
import { RecordPagesController } from './record-pages.controller.js';
import { VersionContentsService } from './version-contents.service.js';
import { VersionViewService } from './version-view.service.js';
import { WhatRanController } from './what-ran.controller.js';

/** Pages for people. They read as nobody does, so they show only what is public. */
@Module({
  imports: [ArticlesModule, EnvironmentsModule, ProvenanceModule, QuestionsModule, RecordsModule],
  controllers: [
    ArticlePagesController,
    AssetsController,
    DiffPageController,
    HomeController,
    RecordPagesController,
    WhatRanController,
  ],
  providers: [VersionContentsService, VersionViewService],
})
export class PagesModule {}

import { ArticlesModule } from '@envarium/articles';
import { Module } from '@nestjs/common';
import { ArticlesController } from './articles.controller.js';
import { ResolveController } from './resolve.controller.js';

@Module({ imports: [ArticlesModule], controllers: [ArticlesController, ResolveController] })
export class ArticlesApiModule {}

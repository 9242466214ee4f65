export { presentArticle, presentOutput } from './article.presenter.js';
export { ArticleBatchesService, type OutputKey } from './article-batches.service.js';
export { ArticlesModule } from './articles.module.js';
export { ArticlesReplayService } from './articles-replay.service.js';
export { ArticlesService } from './articles.service.js';
export { doiSegment, doiUrl, parseDoi, type Doi } from './doi.js';
export { LinksService } from './links.service.js';
export { ResolveService } from './resolve.service.js';
export { formatOutputLabel, parseOutputLabel, type OutputLabel } from './output-label.js';

import type { Principal } from '@envarium/access';
import { ArticleBatchesService, ArticlesService } from '@envarium/articles';
import type { EdgePage } from '@envarium/database';
import { Article, Output, OutputLink, WhatRanQuery } from '@envarium/schema';
import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { z } from 'zod';
import { Requires } from '../http/permission.js';
import { ZodArgument, ZodArguments } from './arguments.js';
import {
  type Connection,
  ConnectionArguments,
  connectionArguments,
  ConnectionArgumentsType,
  toConnection,
} from './connection.js';
import { type OperationContext, Relation } from './operation-context.js';
import type { OutputNode } from './outputs.resolver.js';
import { ArticleConnection, ArticleType, OutputConnection, OutputLinkConnection } from './types.js';
import { argumentsType } from './zod-types.js';

const WhatRanArguments = ConnectionArguments.and(WhatRanQuery);
type WhatRanArguments = z.infer<typeof WhatRanArguments>;
const WhatRanArgumentsType = argumentsType(
  'WhatRanArguments',
  z.object({ ...WhatRanQuery.shape, ...ConnectionArguments.shape }),
);

@Resolver(() => ArticleType)
@Requires('public')
export class ArticlesResolver {
  private readonly outputsOf: Relation<string, ConnectionArguments, EdgePage<Output>>;

  constructor(
    private readonly articles: ArticlesService,
    batches: ArticleBatchesService,
  ) {
    this.outputsOf = new Relation(
      (doi) => doi,
      async (caller, dois, { first, after }) => await batches.outputs(caller, dois, first, after ?? null),
    );
  }

  @Query(() => ArticleConnection, {
    name: 'articles',
    description: 'Articles with a link that the caller may see, newest first',
  })
  async list(
    @Context('caller') caller: Principal,
    @Args({ type: () => ConnectionArgumentsType }, connectionArguments) args: ConnectionArguments,
  ): Promise<Connection<Article>> {
    return toConnection(await this.articles.listEdges(caller, args.first, args.after ?? null));
  }

  @Query(() => ArticleType, {
    name: 'article',
    nullable: true,
    description: 'One article, by its DOI in any usual spelling',
  })
  async one(
    @Context('caller') caller: Principal,
    @Args('doi', { type: () => String }, new ZodArgument()) doi: string,
  ): Promise<Article> {
    return (await this.articles.article(caller, doi)).article;
  }

  @Query(() => OutputLinkConnection, {
    description: 'What ran this figure? By DOI and label, by the DOI of the figure, or by the digest of its file',
  })
  async whatRan(
    @Context('caller') caller: Principal,
    @Args({ type: () => WhatRanArgumentsType }, new ZodArguments(WhatRanArguments)) args: WhatRanArguments,
  ): Promise<Connection<OutputLink>> {
    return toConnection(await this.articles.whatRanEdges(caller, args, args.first, args.after ?? null));
  }

  @ResolveField(() => OutputConnection)
  async outputs(
    @Parent() article: Article,
    @Args({ type: () => ConnectionArgumentsType }, connectionArguments) args: ConnectionArguments,
    @Context() context: OperationContext,
  ): Promise<Connection<OutputNode>> {
    const page = toConnection(await this.outputsOf.load(context, article.doi, args));
    // An output does not name its article, but who asks for its links must.
    return { ...page, edges: page.edges.map(({ cursor, node }) => ({ cursor, node: { ...node, doi: article.doi } })) };
  }
}

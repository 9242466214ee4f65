import { ArticleBatchesService, type OutputKey } from '@envarium/articles';
import type { EdgePage } from '@envarium/database';
import { Output, OutputLink } from '@envarium/schema';
import { Args, Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { Requires } from '../http/permission.js';
import {
  type Connection,
  ConnectionArguments,
  connectionArguments,
  ConnectionArgumentsType,
  toConnection,
} from './connection.js';
import { type OperationContext, Relation } from './operation-context.js';
import { OutputLinkConnection, OutputLinkType, OutputType } from './types.js';

/** An output with the DOI of its article, which GraphQL shows as the parent. */
export type OutputNode = Output & { readonly doi: string };

@Resolver(() => OutputType)
@Requires('public')
export class OutputsResolver {
  private readonly linksOf: Relation<OutputKey, ConnectionArguments, EdgePage<OutputLink>>;

  constructor(batches: ArticleBatchesService) {
    this.linksOf = new Relation(
      ({ doi, label }) => `${doi} ${label}`,
      async (caller, keys, { first, after }) => {
        const links = await batches.linksOfOutputs(caller, keys, first, after ?? null);
        return new Map(
          [...links].flatMap(([doi, pages]) => [...pages].map(([label, page]) => [`${doi} ${label}`, page])),
        );
      },
    );
  }

  @ResolveField(() => OutputLinkConnection, { description: 'what ran it: every claim, newest first' })
  async links(
    @Parent() output: OutputNode,
    @Args({ type: () => ConnectionArgumentsType }, connectionArguments) args: ConnectionArguments,
    @Context() context: OperationContext,
  ): Promise<Connection<OutputLink>> {
    return toConnection(await this.linksOf.load(context, output, args));
  }
}

@Resolver(() => OutputLinkType)
@Requires('public')
export class OutputLinksResolver {
  @ResolveField(() => OutputType)
  output(@Parent() link: OutputLink): OutputNode {
    return { ...link.output, doi: link.article.doi };
  }
}

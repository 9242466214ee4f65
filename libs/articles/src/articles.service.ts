import { Inject, Injectable } from '@nestjs/common';
import { type Principal, versionsReadableBy } from '@envarium/access';
import {
  decodeCursor,
  type EdgePage,
  edgesOf,
  type Page,
  pageOfEdges,
  type Prisma,
  PrismaService,
} from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import { REGISTRY_ADDRESS, type RegistryAddress } from '@envarium/resolution';
import type { Article, Output, OutputLink, WhatRanQuery } from '@envarium/schema';
import { articleSelect, outputSelect, presentArticle, presentLink, presentOutput } from './article.presenter.js';
import { requireDoi } from './link-document.js';
import { loadLinks } from './links.queries.js';
import { parseOutputLabel } from './output-label.js';

/** Articles, their outputs, and the question this service exists for: what ran this? */
@Injectable()
export class ArticlesService {
  constructor(
    private readonly prisma: PrismaService,
    @Inject(REGISTRY_ADDRESS) private readonly registry: RegistryAddress,
  ) {}

  /** Newest first; only articles with a link that the reader may see. */
  async list(principal: Principal, limit: number, cursor: string | null): Promise<Page<Article>> {
    return pageOfEdges(await this.listEdges(principal, limit, cursor));
  }

  /** `list` with a cursor for every article. */
  async listEdges(principal: Principal, limit: number, cursor: string | null): Promise<EdgePage<Article>> {
    const before = cursor === null ? null : decodeCursor(cursor, ['bigint'])[0];
    const rows = await this.prisma.article.findMany({
      where: {
        outputs: { some: { links: { some: readableLink(principal) } } },
        ...(before !== null && { id: { lt: before } }),
      },
      orderBy: { id: 'desc' },
      take: limit + 1,
      select: { id: true, ...articleSelect },
    });
    return edgesOf(rows, limit, (row) => [row.id], presentArticle);
  }

  /** @throws ArchiveError DOI_INVALID, ARTICLE_UNKNOWN (also when every link of it is hidden from the reader) */
  async article(principal: Principal, doiText: string): Promise<{ article: Article; outputs: Output[] }> {
    const { doi } = requireDoi(doiText, 'doi');
    const row = await this.prisma.article.findFirst({
      where: { doi, outputs: { some: { links: { some: readableLink(principal) } } } },
      select: {
        ...articleSelect,
        outputs: {
          where: { links: { some: readableLink(principal) } },
          orderBy: { id: 'asc' },
          take: 1000,
          select: outputSelect,
        },
      },
    });
    if (row === null) throw new ArchiveError('ARTICLE_UNKNOWN', { doi });
    return { article: presentArticle(row), outputs: row.outputs.map(presentOutput) };
  }

  /**
   * Every claim about an output, newest first.
   * An output that nobody linked is an empty answer, not an error: the question was fine.
   * @throws ArchiveError DOI_INVALID, OUTPUT_LABEL_INVALID
   */
  async whatRan(
    principal: Principal,
    query: WhatRanQuery,
    limit: number,
    cursor: string | null,
  ): Promise<Page<OutputLink>> {
    return pageOfEdges(await this.whatRanEdges(principal, query, limit, cursor));
  }

  /** `whatRan` with a cursor for every claim. */
  async whatRanEdges(
    principal: Principal,
    query: WhatRanQuery,
    limit: number,
    cursor: string | null,
  ): Promise<EdgePage<OutputLink>> {
    const keys = await this.prisma.outputLink.findMany({
      where: {
        AND: [await this.asked(query), readableLink(principal), olderLinks(cursor)],
      },
      orderBy: [{ runId: 'desc' }, { outputId: 'desc' }],
      take: limit + 1,
      select: { runId: true, outputId: true },
    });
    return edgesOf(
      await loadLinks(this.prisma, keys),
      limit,
      (row) => [row.runId, row.outputId],
      (row) => presentLink(row, this.registry),
    );
  }

  /**
   * The links that a question means, by keys that were looked up before: given as a join, PostgreSQL would rather walk all
   * links from the newest down, because a page is short.
   */
  private async asked(query: WhatRanQuery): Promise<Prisma.OutputLinkWhereInput> {
    if (query.file === undefined) {
      const outputs = await this.prisma.output.findMany({
        where: outputWhere(query),
        select: { id: true },
        take: MOST_KEYS,
      });
      return { outputId: { in: outputs.map(({ id }) => id) } };
    }
    const files = await this.prisma.runFile.findMany({
      where: { digest: query.file },
      orderBy: { runId: 'desc' },
      take: MOST_KEYS,
      select: { runId: true },
    });
    return { runId: { in: files.map(({ runId }) => runId) } };
  }
}

/** An empty file may have come out of any number of runs; nobody reads further than the newest of them. */
const MOST_KEYS = 5000;

function outputWhere(query: WhatRanQuery): Prisma.OutputWhereInput {
  const { doi } = requireDoi(query.doi ?? '', 'doi');
  // Without a label the DOI may be the figure's own; of an article it asks for everything.
  if (query.output === undefined) return { OR: [{ componentDoi: doi }, { article: { doi } }] };
  const label = parseOutputLabel(query.output);
  if (label === null) throw new ArchiveError('OUTPUT_LABEL_INVALID', { output: query.output });
  return { article: { doi }, ...label, panel: label.panel ?? '' };
}

/** A link is seen by whoever may see the version that it names. */
export function readableLink(principal: Principal): Prisma.OutputLinkWhereInput {
  return { run: { version: versionsReadableBy(principal) } };
}

/** Links after the cursor of a list that has the newest run first. */
export function olderLinks(cursor: string | null): Prisma.OutputLinkWhereInput {
  if (cursor === null) return {};
  const [runId, outputId] = decodeCursor(cursor, ['bigint', 'bigint']);
  return { OR: [{ runId: { lt: runId } }, { runId, outputId: { lt: outputId } }] };
}

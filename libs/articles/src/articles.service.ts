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
import { findLinks, type LinkQuestion } from './links.queries.js';
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
    const [runId, outputId] = cursor === null ? [] : decodeCursor(cursor, ['bigint', 'bigint']);
    const after = runId === undefined || outputId === undefined ? null : { runId, outputId };
    return edgesOf(
      await findLinks(this.prisma, principal, questionOf(query), { limit: limit + 1, after }),
      limit,
      (row) => [row.runId, row.outputId],
      (row) => presentLink(row, this.registry),
    );
  }
}

/** @throws ArchiveError DOI_INVALID, OUTPUT_LABEL_INVALID */
function questionOf(query: WhatRanQuery): LinkQuestion {
  if (query.file !== undefined) return { file: query.file };
  const { doi } = requireDoi(query.doi ?? '', 'doi');
  if (query.output === undefined) return { doi, label: null };
  const label = parseOutputLabel(query.output);
  if (label === null) throw new ArchiveError('OUTPUT_LABEL_INVALID', { output: query.output });
  return { doi, label };
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

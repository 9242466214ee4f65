import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '@envarium/access';
import { decodeCursor, type EdgePage, edgesOf, PrismaService } from '@envarium/database';
import { RecordBatchesService, type VersionKey } from '@envarium/records';
import { REGISTRY_ADDRESS, type RegistryAddress } from '@envarium/resolution';
import type { Output, OutputLink } from '@envarium/schema';
import { type LinkRow, linkSelect, outputSelect, presentLink, presentOutput } from './article.presenter.js';
import { olderLinks, readableLink } from './articles.service.js';

/** An output is unique inside its article by its label. */
export interface OutputKey {
  readonly doi: string;
  readonly label: string;
}

interface LinkKeyRow {
  readonly version_id: bigint;
  readonly run_id: bigint;
  readonly output_id: bigint;
}

const keyOfLink = (row: LinkRow): [bigint, bigint] => [row.runId, row.outputId];

/**
 * What belongs to many articles, outputs or versions, in a number of queries that does not grow with them. What a reader
 * may not see is not in the answer.
 */
@Injectable()
export class ArticleBatchesService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly records: RecordBatchesService,
    @Inject(REGISTRY_ADDRESS) private readonly registry: RegistryAddress,
  ) {}

  /** Outputs with a link that the reader may see, by DOI of the article; at most `limit` of each article. */
  async outputs(
    principal: Principal,
    dois: readonly string[],
    limit: number,
    cursor: string | null,
  ): Promise<ReadonlyMap<string, EdgePage<Output>>> {
    const after = cursor === null ? null : decodeCursor(cursor, ['bigint'])[0];
    const rows = await this.prisma.article.findMany({
      where: { doi: { in: [...dois] } },
      select: {
        doi: true,
        outputs: {
          where: {
            links: { some: readableLink(principal) },
            ...(after !== null && { id: { gt: after } }),
          },
          orderBy: { id: 'asc' },
          take: limit + 1,
          select: outputSelect,
        },
      },
    });
    return new Map(rows.map((row) => [row.doi, edgesOf(row.outputs, limit, (output) => [output.id], presentOutput)]));
  }

  /** Claims about outputs, newest run first, by DOI and label: `map.get(doi)?.get(label)`. */
  async linksOfOutputs(
    principal: Principal,
    keys: readonly OutputKey[],
    limit: number,
    cursor: string | null,
  ): Promise<ReadonlyMap<string, ReadonlyMap<string, EdgePage<OutputLink>>>> {
    const outputs = await this.findOutputs(keys);
    const rows = await this.prisma.output.findMany({
      where: { id: { in: [...outputs.keys()] } },
      select: {
        id: true,
        links: {
          where: { AND: [readableLink(principal), olderLinks(cursor)] },
          orderBy: [{ runId: 'desc' }, { outputId: 'desc' }],
          take: limit + 1,
          select: linkSelect,
        },
      },
    });
    const pages = new Map<string, Map<string, EdgePage<OutputLink>>>();
    for (const row of rows) {
      const key = outputs.get(row.id);
      if (key === undefined) continue;
      const page = edgesOf(row.links, limit, keyOfLink, (link) => presentLink(link, this.registry));
      pages.set(key.doi, (pages.get(key.doi) ?? new Map<string, EdgePage<OutputLink>>()).set(key.label, page));
    }
    return pages;
  }

  /** Claims that name a version, oldest run first, by version reference (`env-3k7q-9w2x@v2`). */
  async linksOfVersions(
    principal: Principal,
    versions: readonly VersionKey[],
    limit: number,
    cursor: string | null,
  ): Promise<ReadonlyMap<string, EdgePage<OutputLink>>> {
    const references = await this.records.referencesById(principal, versions);
    const [afterRun, afterOutput] = cursor === null ? [0n, 0n] : decodeCursor(cursor, ['bigint', 'bigint']);
    const keys = await this.prisma.$queryRaw<LinkKeyRow[]>`
      SELECT v.id AS version_id, l.run_id, l.output_id
      FROM unnest(${[...references.keys()]}::bigint[]) AS v(id)
      CROSS JOIN LATERAL (
        SELECT l.run_id, l.output_id FROM run r JOIN output_link l ON l.run_id = r.id
        WHERE r.version_id = v.id AND (l.run_id, l.output_id) > (${afterRun}, ${afterOutput})
        ORDER BY l.run_id, l.output_id LIMIT ${limit + 1}
      ) l`;
    const rows = await this.prisma.outputLink.findMany({
      where: { runId: { in: [...new Set(keys.map((key) => key.run_id))] } },
      orderBy: [{ runId: 'asc' }, { outputId: 'asc' }],
      select: linkSelect,
    });
    const asked = new Map(keys.map((key) => [`${key.run_id}/${key.output_id}`, key.version_id]));
    const pages = new Map<string, LinkRow[]>();
    for (const row of rows) {
      const versionId = asked.get(`${row.runId}/${row.outputId}`);
      const reference = versionId === undefined ? undefined : references.get(versionId);
      if (reference !== undefined) pages.set(reference, [...(pages.get(reference) ?? []), row]);
    }
    return new Map(
      [...pages].map(([reference, links]) => [
        reference,
        edgesOf(links, limit, keyOfLink, (link) => presentLink(link, this.registry)),
      ]),
    );
  }

  private async findOutputs(keys: readonly OutputKey[]): Promise<ReadonlyMap<bigint, OutputKey>> {
    const asked = new Set(keys.map(({ doi, label }) => `${doi} ${label}`));
    const rows = await this.prisma.output.findMany({
      where: { article: { doi: { in: [...new Set(keys.map((key) => key.doi))] } } },
      select: { ...outputSelect, article: { select: { doi: true } } },
    });
    const found = rows.map((row) => [row.id, { doi: row.article.doi, label: presentOutput(row).label }] as const);
    return new Map(found.filter(([, { doi, label }]) => asked.has(`${doi} ${label}`)));
  }
}

import { Injectable } from '@nestjs/common';
import type { Principal } from '@envarium/access';
import { decodeCursor, type EdgePage, edgesOf, type Page, pageOfEdges, PrismaService } from '@envarium/database';
import { RecordBatchesService, RecordsService, type VersionKey } from '@envarium/records';
import { RecipeDocument, type UpstreamPointer } from '@envarium/schema';
import { pointerSelect, presentPointer } from './pointer.presenter.js';

/** A file that a closure holds, and where it came from. */
export interface PackagePointer {
  readonly url: string;
  readonly digest: string;
  readonly size: number;
}

export interface PointerSummary {
  readonly counts: Readonly<Record<UpstreamPointer['state'], number>>;
  /** Of the latest check of any of them. */
  readonly lastCheckedAt: string | null;
  /** Those that are gone or changed, the latest first, as many as a reader looks at. */
  readonly troubled: readonly UpstreamPointer[];
}

interface NewPointer {
  readonly versionId: bigint;
  readonly kind: 'image' | 'package' | 'doi';
  readonly reference: string;
  readonly digest: string | null;
  readonly size: bigint | null;
  readonly nextCheckAt: Date;
}

const BATCH = 1000;
const TROUBLED_SHOWN = 20;
/** PostgreSQL indexes no longer values; an address of that length is none that stays. */
const MAX_REFERENCE = 2000;
const DAY_MS = 24 * 3_600_000;

/** What of the world outside a version came from. */
@Injectable()
export class PointersService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly records: RecordsService,
    private readonly batches: RecordBatchesService,
  ) {}

  /**
   * Writes down what is known of a published version: mirrors of its image and of the images of its recipe, the articles it
   * is linked to, and the files of its closure, as the caller gives them. Safe to repeat: what is there stays as it stands.
   * @returns how many were new
   */
  async collect(
    versionId: bigint,
    packages: Iterable<PackagePointer> | AsyncIterable<PackagePointer> = [],
  ): Promise<number> {
    let count = await this.insert([...(await this.images(versionId)), ...(await this.articles(versionId))]);
    let batch: NewPointer[] = [];
    for await (const { url, digest, size } of packages) {
      batch.push({ versionId, kind: 'package', reference: url, digest, size: BigInt(size), nextCheckAt: soon() });
      if (batch.length < BATCH) continue;
      count += await this.insert(batch);
      batch = [];
    }
    return count + (await this.insert(batch));
  }

  /** `collect` for every published version: links are made, and mirrors found, long after publication. */
  async collectPublished(): Promise<number> {
    let count = 0;
    let after = 0n;
    for (;;) {
      const versions = await this.prisma.recordVersion.findMany({
        where: { state: 'published', id: { gt: after } },
        orderBy: { id: 'asc' },
        take: BATCH,
        select: { id: true },
      });
      for (const { id } of versions) count += await this.collect(id);
      after = versions.at(-1)?.id ?? after;
      if (versions.length < BATCH) return count;
    }
  }

  /** In the order in which they were written down. @throws ArchiveError RECORD_UNKNOWN, VERSION_UNKNOWN, CURSOR_INVALID */
  async list(
    principal: Principal,
    reference: string,
    limit: number,
    cursor: string | null,
  ): Promise<Page<UpstreamPointer>> {
    const { id } = await this.records.requireVersion(principal, reference);
    const pages = await this.pages([id], limit, cursor);
    return pageOfEdges(pages.get(id) ?? { edges: [], hasNextPage: false });
  }

  /** The same for many versions at once, by version reference. What the principal may not see is not in the answer. */
  async ofVersions(
    principal: Principal,
    versions: readonly VersionKey[],
    limit: number,
    cursor: string | null,
  ): Promise<ReadonlyMap<string, EdgePage<UpstreamPointer>>> {
    const references = await this.batches.referencesById(principal, versions);
    const pages = await this.pages([...references.keys()], limit, cursor);
    return new Map([...pages].map(([id, page]) => [references.get(id) ?? '', page]));
  }

  private async pages(
    versionIds: readonly bigint[],
    limit: number,
    cursor: string | null,
  ): Promise<ReadonlyMap<bigint, EdgePage<UpstreamPointer>>> {
    const after = cursor === null ? 0n : decodeCursor(cursor, ['bigint'])[0];
    const rows = await this.prisma.recordVersion.findMany({
      where: { id: { in: [...versionIds] } },
      select: {
        id: true,
        pointers: { where: { id: { gt: after } }, orderBy: { id: 'asc' }, take: limit + 1, select: pointerSelect },
      },
    });
    return new Map(
      rows.map((row) => [row.id, edgesOf(row.pointers, limit, (pointer) => [pointer.id], presentPointer)]),
    );
  }

  /** @throws ArchiveError RECORD_UNKNOWN, VERSION_UNKNOWN */
  async summary(principal: Principal, reference: string): Promise<PointerSummary> {
    const { id: versionId } = await this.records.requireVersion(principal, reference);
    const groups = await this.prisma.upstreamPointer.groupBy({
      by: ['state'],
      where: { versionId },
      _count: true,
      _max: { lastCheckedAt: true },
    });
    const troubled = await this.prisma.upstreamPointer.findMany({
      where: { versionId, state: { in: ['changed', 'dead'] } },
      orderBy: [{ stateSince: 'desc' }, { id: 'asc' }],
      take: TROUBLED_SHOWN,
      select: pointerSelect,
    });
    const count = (state: UpstreamPointer['state']): number =>
      groups.find((group) => group.state === state)?._count ?? 0;
    const latest = Math.max(...groups.map(({ _max }) => _max.lastCheckedAt?.getTime() ?? 0), 0);
    return {
      counts: { unchecked: count('unchecked'), ok: count('ok'), changed: count('changed'), dead: count('dead') },
      lastCheckedAt: latest === 0 ? null : new Date(latest).toISOString(),
      troubled: troubled.map(presentPointer),
    };
  }

  private async images(versionId: bigint): Promise<NewPointer[]> {
    const { imageDigest, recipes } = await this.prisma.recordVersion.findUniqueOrThrow({
      where: { id: versionId },
      select: { imageDigest: true, recipes: { select: { document: true } } },
    });
    const bases = recipes.flatMap(({ document }) => RecipeDocument.safeParse(document).data?.bases ?? []);
    const digests = [...(imageDigest === null ? [] : [imageDigest]), ...bases.map(({ digest }) => digest)];
    // The name of a mirror of somebody's private repository is theirs.
    const isOpen = { OR: [{ record: { versions: { some: { id: versionId } } } }, { visibility: 'public' as const }] };
    const mirrors = await this.prisma.mirror.findMany({
      where: { digest: { in: digests }, repository: isOpen },
      select: { reference: true, digest: true },
      distinct: ['reference', 'digest'],
    });
    return mirrors.map(({ reference, digest }) => ({
      versionId,
      kind: 'image',
      reference: `${reference}@${digest}`,
      digest,
      size: null,
      nextCheckAt: soon(),
    }));
  }

  private async articles(versionId: bigint): Promise<NewPointer[]> {
    const articles = await this.prisma.article.findMany({
      where: {
        outputs: { some: { links: { some: { status: { in: ['proposed', 'confirmed'] }, run: { versionId } } } } },
      },
      select: { doi: true },
    });
    return articles.map(({ doi }) => ({
      versionId,
      kind: 'doi',
      reference: doi,
      digest: null,
      size: null,
      nextCheckAt: soon(),
    }));
  }

  private async insert(pointers: readonly NewPointer[]): Promise<number> {
    const data = pointers.filter(({ reference }) => reference.length <= MAX_REFERENCE);
    if (data.length === 0) return 0;
    return (await this.prisma.upstreamPointer.createMany({ data, skipDuplicates: true })).count;
  }
}

/** Within a day: what was collected together is not asked for together. */
function soon(): Date {
  return new Date(Date.now() + Math.random() * DAY_MS);
}

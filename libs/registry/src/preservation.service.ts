import { Injectable } from '@nestjs/common';
import type { Principal } from '@envarium/access';
import { decodeCursor, type Page, pageOf, PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import type { FixityStatus, PreservationEvent, PreservationEventQuery } from '@envarium/schema';
import { eventSelect, PRESERVATION_TYPES, presentPreservationEvent } from './preservation-event.presenter.js';

/** Tables that are larger are estimated. */
const COUNTED_ROWS = 100_000;

/** What has happened to stored objects, and how they are doing. */
@Injectable()
export class PreservationService {
  constructor(private readonly prisma: PrismaService) {}

  /** Cheap at any size: every figure comes from the end of an index, or from an estimate. */
  async status(): Promise<FixityStatus> {
    const states = await this.prisma.blob.groupBy({
      by: ['state'],
      where: { state: { in: ['suspect', 'missing', 'quarantined'] } },
      _count: true,
    });
    const count = (state: string): number => states.find((row) => row.state === state)?._count ?? 0;
    const waiting = {
      lastVerifiedAt: null,
      state: { notIn: ['quarantined', 'removed'] as ('quarantined' | 'removed')[] },
    };
    const unverified = await this.prisma.blob.aggregate({ where: waiting, _count: true, _min: { createdAt: true } });
    const oldest = await this.prisma.blob.findFirst({
      where: { lastVerifiedAt: { not: null } },
      orderBy: { lastVerifiedAt: 'asc' },
      select: { lastVerifiedAt: true },
    });
    return {
      blobs: await this.countOrEstimate(),
      unverified: unverified._count,
      oldestUnverifiedAt: unverified._min.createdAt?.toISOString() ?? null,
      oldestCheckAt: oldest?.lastVerifiedAt?.toISOString() ?? null,
      suspect: count('suspect'),
      missing: count('missing'),
      quarantined: count('quarantined'),
    };
  }

  /** Exact while that costs nothing; PostgreSQL estimates -1 before its first look at a table. */
  private async countOrEstimate(): Promise<number> {
    const [estimate] = await this.prisma.$queryRaw<{ rows: number }[]>`
      SELECT reltuples::float8 AS rows FROM pg_class WHERE oid = 'blob'::regclass`;
    const rows = Math.round(estimate?.rows ?? 0);
    return rows >= COUNTED_ROWS ? rows : await this.prisma.blob.count();
  }

  /**
   * Newest first. For administrators: events name private repositories.
   * @throws ArchiveError DENIED, CURSOR_INVALID
   */
  async events(principal: Principal, query: PreservationEventQuery): Promise<Page<PreservationEvent>> {
    if (principal.kind === 'anonymous' || !principal.isAdmin)
      throw new ArchiveError('DENIED', { needs: 'administrator' });
    const before = query.cursor === undefined ? null : decodeCursor(query.cursor, ['bigint'])[0];
    const rows = await this.prisma.event.findMany({
      where: {
        kind: { in: kindsOf(query.type) },
        ...(query.object !== undefined && { subject: query.object }),
        ...(before !== null && { seq: { lt: before } }),
      },
      orderBy: { seq: 'desc' },
      take: query.limit + 1,
      select: eventSelect,
    });
    const page = pageOf(rows, query.limit, ({ seq }) => [seq]);
    return { items: page.items.map(presentPreservationEvent), next: page.next };
  }
}

function kindsOf(type: PreservationEventQuery['type']): string[] {
  const kinds = Object.entries(PRESERVATION_TYPES);
  return kinds.filter(([, each]) => type === undefined || each === type).map(([kind]) => kind);
}

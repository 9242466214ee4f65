import { Injectable } from '@nestjs/common';
import { type Prisma, PrismaService } from '@envarium/database';
import type { OtherHolder } from '@envarium/schema';

const pointerSelect = {
  reference: true,
  digest: true,
  state: true,
  detail: true,
  lastCheckedAt: true,
} as const satisfies Prisma.UpstreamPointerSelect;
export type PointerRow = Prisma.UpstreamPointerGetPayload<{ select: typeof pointerSelect }>;

/** What the decay watch found out about the places that a version came from. */
@Injectable()
export class UpstreamPointers {
  constructor(private readonly prisma: PrismaService) {}

  async toImage(versionId: bigint, digest: string, limit: number): Promise<PointerRow[]> {
    return await this.prisma.upstreamPointer.findMany({
      where: { versionId, kind: 'image', digest },
      orderBy: { id: 'asc' },
      take: limit,
      select: pointerSelect,
    });
  }

  /** By address; what is not watched is not in the answer. One parameter, however many addresses a gap has. */
  async toUrls(versionId: bigint, urls: readonly string[]): Promise<ReadonlyMap<string, PointerRow>> {
    const rows = await this.prisma.$queryRaw<PointerRow[]>`
      SELECT reference, digest, state::text, detail, last_checked_at AS "lastCheckedAt"
      FROM upstream_pointer WHERE version_id = ${versionId} AND reference = ANY (${[...urls]}::text[])`;
    return new Map(rows.map((row) => [row.reference, row]));
  }
}

interface HolderFacts {
  readonly reference: string;
  readonly digest: string;
  readonly size: number | null;
  readonly recordedAt: Date | null;
}

/** @param pointer undefined: nobody watches it */
export function presentPointer(pointer: PointerRow | undefined, facts: HolderFacts): OtherHolder {
  return {
    reference: facts.reference,
    digest: facts.digest,
    size: facts.size,
    recordedAt: facts.recordedAt?.toISOString() ?? null,
    state: pointer?.state ?? 'unchecked',
    detail: pointer?.detail ?? null,
    checkedAt: pointer?.lastCheckedAt?.toISOString() ?? null,
  };
}

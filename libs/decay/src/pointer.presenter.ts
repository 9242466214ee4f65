import type { Prisma } from '@envarium/database';
import type { UpstreamPointer } from '@envarium/schema';

export const pointerSelect = {
  id: true,
  kind: true,
  reference: true,
  digest: true,
  size: true,
  state: true,
  detail: true,
  lastCheckedAt: true,
  stateSince: true,
} as const satisfies Prisma.UpstreamPointerSelect;
export type PointerRow = Prisma.UpstreamPointerGetPayload<{ select: typeof pointerSelect }>;

export function presentPointer(row: PointerRow): UpstreamPointer {
  return {
    kind: row.kind,
    reference: row.reference,
    digest: row.digest,
    size: row.size === null ? null : Number(row.size),
    state: row.state,
    detail: row.detail,
    lastCheckedAt: row.lastCheckedAt?.toISOString() ?? null,
    stateSince: row.stateSince?.toISOString() ?? null,
  };
}

import type { Prisma } from '@envarium/database';
import { type Ingest, IngestProblem, IngestProgress } from '@envarium/schema';

export const ingestSelect = {
  id: true,
  source: true,
  tag: true,
  state: true,
  digest: true,
  progress: true,
  problem: true,
  attempts: true,
  createdAt: true,
  createdBy: true,
  startedAt: true,
  finishedAt: true,
  repository: { select: { name: true } },
} as const satisfies Prisma.IngestSelect;
export type IngestRow = Prisma.IngestGetPayload<{ select: typeof ingestSelect }>;

export function presentIngest(row: IngestRow): Ingest {
  return {
    id: row.id,
    repository: row.repository.name,
    source: row.source,
    tag: row.tag,
    state: row.state,
    digest: row.digest,
    progress: row.progress === null ? null : IngestProgress.parse(row.progress),
    problem: row.problem === null ? null : IngestProblem.parse(row.problem),
    attempts: row.attempts,
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}

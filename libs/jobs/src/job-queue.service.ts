import { Injectable } from '@nestjs/common';
import { Prisma, PrismaService } from '@envarium/database';
import type { JobKind, JobProblem, JobProgress, JobStep } from '@envarium/schema';
import { z } from 'zod';
import type { JobEnd } from './job-handlers.js';
import { type Hold, JobLogService, JobLost, type StoredLog } from './job-log.service.js';

/** Name of the task of the resolver that works on jobs. */
export const RUN_JOBS = 'run-jobs';
const LEASE_SECONDS = 10;
/** Jobs of one namespace that run at a time, in all processes together. */
const RUNNING_PER_NAMESPACE = 2;
const CLAIM_LOCK = 'envarium jobs';
const Claimed = z.array(z.object({ id: z.string() })).max(1);
const Beaten = z.array(z.object({ outcome: z.string().nullable() })).max(1);

const heldSelect = {
  id: true,
  kind: true,
  input: true,
  attempts: true,
  outcome: true,
  createdBy: true,
  repository: { select: { id: true, name: true, visibility: true } },
  version: { select: { id: true, number: true, imageDigest: true, record: { select: { publicId: true } } } },
} as const satisfies Prisma.JobSelect;

/** A job that this worker holds. `attempts` tells it from the same job in the hands of another one. */
export type HeldJob = Prisma.JobGetPayload<{ select: typeof heldSelect }>;

/** The rows of jobs as a queue: taken with a lease that is renewed, so that what a dead worker held is taken again. */
@Injectable()
export class JobQueueService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly logs: JobLogService,
  ) {}

  /**
   * The next job that nobody works on; null: there is none, or its namespace has as many running as it may. The turn is of
   * the namespace with the fewest running jobs, then of the one that was served longest ago; inside it of the highest
   * priority, then of the oldest.
   */
  async claim(kinds: readonly JobKind[]): Promise<HeldJob | null> {
    const id = await this.prisma.$transaction(async (tx) => {
      // One at a time: two that count the running jobs at once would both find room for one more.
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${CLAIM_LOCK}, 0))`;
      const [next] = Claimed.parse(await tx.$queryRaw(nextJob(kinds)));
      if (next === undefined) return null;
      await tx.$executeRaw`
        UPDATE job SET state = 'running', attempts = attempts + 1, started_at = coalesce(started_at, clock_timestamp()),
          lease_until = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})
        WHERE id = ${next.id}`;
      return next.id;
    });
    return id === null ? null : await this.prisma.job.findUniqueOrThrow({ where: { id }, select: heldSelect });
  }

  /** Renews the lease and shows how far it is. Returns whether somebody wants it cancelled. @throws JobLost */
  async beat(job: Hold, progress: JobProgress | null): Promise<{ isCancelled: boolean }> {
    const shown = progress === null ? null : JSON.stringify(progress);
    const [row] = Beaten.parse(
      await this.prisma.$queryRaw`
        UPDATE job SET progress = ${shown}::jsonb, lease_until = now() + make_interval(secs => ${LEASE_SECONDS})
        WHERE id = ${job.id} AND state = 'running' AND attempts = ${job.attempts} RETURNING outcome`,
    );
    if (row === undefined) throw new JobLost();
    return { isCancelled: row.outcome !== null };
  }

  /** Milliseconds after which a lease that could not be renewed is another's for the taking. */
  get leaseMs(): number {
    return LEASE_SECONDS * 1000;
  }

  /** @throws JobLost */
  async step(job: Hold, step: JobStep): Promise<void> {
    await this.update(this.prisma, job, { step, progress: Prisma.DbNull });
  }

  /** The one end of a job: outcome and log become visible together. @throws JobLost */
  async end(job: Hold, { outcome, result, problem }: JobEnd, log: StoredLog | null): Promise<void> {
    await this.prisma.$transaction(async (tx) => {
      await this.logs.register(tx, log);
      await this.update(tx, job, {
        state: 'ended',
        outcome,
        result: result === null ? Prisma.DbNull : asJson(result),
        problem: problem === null ? Prisma.DbNull : asJson(problem),
        logDigest: log?.digest ?? null,
        finishedAt: new Date(),
        leaseUntil: null,
      });
    });
  }

  /** Gives the job back for later. @throws JobLost */
  async postpone(job: Hold, notBefore: Date, problem: JobProblem): Promise<void> {
    await this.update(this.prisma, job, { ...QUEUED, leaseUntil: notBefore, problem: asJson(problem) });
  }

  /** Gives the job back for another worker, at once. That a worker was stopped is no attempt. @throws JobLost */
  async handBack(job: Hold): Promise<void> {
    await this.update(this.prisma, job, { ...QUEUED, leaseUntil: null, attempts: { decrement: 1 } });
  }

  private async update(
    tx: Pick<PrismaService, 'job'>,
    job: Hold,
    data: Prisma.JobUpdateManyMutationInput,
  ): Promise<void> {
    const where = { id: job.id, state: 'running', attempts: job.attempts } as const;
    const { count } = await tx.job.updateMany({ where, data });
    if (count === 0) throw new JobLost();
  }
}

const QUEUED = { state: 'queued', step: 'requested', progress: Prisma.DbNull } as const;

function nextJob(kinds: readonly JobKind[]): Prisma.Sql {
  return Prisma.sql`
    WITH waiting AS (
      SELECT j.id, j.priority, r.namespace_id FROM job j JOIN repository r ON r.id = j.repository_id
      WHERE j.state IN ('queued', 'running') AND (j.lease_until IS NULL OR j.lease_until < now())
        AND j.kind::text = ANY (${[...kinds]}::text[])
    ), turn AS (
      SELECT w.namespace_id, min(w.id) AS oldest, (
          SELECT count(*) FROM job j JOIN repository r ON r.id = j.repository_id
          WHERE r.namespace_id = w.namespace_id AND j.state = 'running' AND j.lease_until >= now()) AS running, (
          SELECT max(j.started_at) FROM job j JOIN repository r ON r.id = j.repository_id
          WHERE r.namespace_id = w.namespace_id) AS served
      FROM waiting w GROUP BY w.namespace_id
    )
    SELECT j.id FROM job j JOIN waiting w ON w.id = j.id JOIN turn t ON t.namespace_id = w.namespace_id
    WHERE t.running < ${RUNNING_PER_NAMESPACE}
    ORDER BY t.running, t.served NULLS FIRST, t.oldest, w.priority DESC, w.id
    LIMIT 1 FOR UPDATE OF j SKIP LOCKED`;
}

/** Details of errors are open objects; what stands in the row is what JSON makes of them. */
function asJson(value: object): Prisma.InputJsonObject {
  return JSON.parse(JSON.stringify(value)) as Prisma.InputJsonObject;
}

import { Injectable } from '@nestjs/common';
import { Prisma, PrismaService } from '@envarium/database';
import { JournalService } from '@envarium/journal';
import type { Digest } from '@envarium/oci';
import { recordMirror, type RepositoryRef } from '@envarium/registry';
import type { IngestProblem, IngestProgress } from '@envarium/schema';
import { z } from 'zod';

/** Name of the task of the resolver that works on ingests. */
export const RUN_INGESTS = 'run-ingests';
const LEASE_SECONDS = 20;
const Claimed = z.array(z.object({ id: z.string() })).max(1);

const jobSelect = {
  id: true,
  source: true,
  tag: true,
  digest: true,
  credentials: true,
  attempts: true,
  createdBy: true,
  repository: { select: { id: true, name: true, visibility: true } },
} as const satisfies Prisma.IngestSelect;

/** An ingest that this worker holds. `attempts` tells it from the same ingest in the hands of another one. */
export type IngestJob = Prisma.IngestGetPayload<{ select: typeof jobSelect }>;

/** The job is another worker's now, or was cancelled: nothing more may be done for it. */
export class JobLost extends Error {
  override readonly name = 'JobLost';
}

/** The rows of ingests as a queue: taken with a lease that is renewed, so that what a dead worker held is taken again. */
@Injectable()
export class IngestQueueService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly journal: JournalService,
  ) {}

  /** The oldest that nobody works on; null: there is none. */
  async claim(): Promise<IngestJob | null> {
    const [claimed] = Claimed.parse(
      await this.prisma.$queryRaw`
        UPDATE ingest SET state = 'running', attempts = attempts + 1, started_at = coalesce(started_at, now()),
          lease_until = now() + make_interval(secs => ${LEASE_SECONDS})
        WHERE id = (
          SELECT id FROM ingest
          WHERE state IN ('queued', 'running') AND (lease_until IS NULL OR lease_until < now())
          ORDER BY id FOR UPDATE SKIP LOCKED LIMIT 1)
        RETURNING id`,
    );
    if (claimed === undefined) return null;
    return await this.prisma.ingest.findUniqueOrThrow({ where: { id: claimed.id }, select: jobSelect });
  }

  /** Renews the lease and shows how far it is. @throws JobLost */
  async beat(job: IngestJob, progress: IngestProgress): Promise<void> {
    const count = await this.prisma.$executeRaw`
      UPDATE ingest SET progress = ${JSON.stringify(progress)}::jsonb,
        lease_until = now() + make_interval(secs => ${LEASE_SECONDS})
      WHERE id = ${job.id} AND state = 'running' AND attempts = ${job.attempts}`;
    if (count === 0) throw new JobLost();
  }

  /** Milliseconds after which a lease that could not be renewed is another's for the taking. */
  get leaseMs(): number {
    return LEASE_SECONDS * 1000;
  }

  /** Later attempts keep to what the first one found. @throws JobLost */
  async pin(job: IngestJob, digest: Digest): Promise<void> {
    await this.update(this.prisma, job, { digest });
  }

  /** True when the other registry has answered once, in this attempt or an earlier one. */
  async isPinned({ id }: IngestJob): Promise<boolean> {
    return (await this.prisma.ingest.count({ where: { id, digest: { not: null } } })) > 0;
  }

  /** The copy is complete. @throws JobLost */
  async complete(job: IngestJob, digest: Digest, mirror: string, progress: IngestProgress): Promise<void> {
    const repository: RepositoryRef = job.repository;
    await this.journal.transaction(async (tx, record) => {
      await this.update(tx, job, { ...ENDED(), state: 'done', progress, problem: Prisma.DbNull });
      await recordMirror(tx, record, { repository, digest, reference: mirror, actor: job.createdBy });
    });
  }

  /** @throws JobLost */
  async fail(job: IngestJob, problem: IngestProblem): Promise<void> {
    await this.update(this.prisma, job, { ...ENDED(), state: 'failed', problem: asJson(problem) });
  }

  /**
   * Gives the job back, for another worker or for later.
   * @param problem why it is later
   * @throws JobLost
   */
  async release(job: IngestJob, notBefore: Date | null, problem: IngestProblem | null): Promise<void> {
    const why = problem === null ? {} : { problem: asJson(problem) };
    await this.update(this.prisma, job, { ...why, state: 'queued', leaseUntil: notBefore });
  }

  private async update(
    tx: Pick<PrismaService, 'ingest'>,
    job: IngestJob,
    data: Prisma.IngestUpdateManyMutationInput,
  ): Promise<void> {
    const where = { id: job.id, state: 'running', attempts: job.attempts } as const;
    const { count } = await tx.ingest.updateMany({ where, data });
    if (count === 0) throw new JobLost();
  }
}

/** A secret is kept no longer than it is needed. */
const ENDED = () => ({ finishedAt: new Date(), leaseUntil: null, credentials: null });

/** Details of errors are open objects; what stands in the row is what JSON makes of them. */
function asJson(value: object): Prisma.InputJsonObject {
  return JSON.parse(JSON.stringify(value)) as Prisma.InputJsonObject;
}

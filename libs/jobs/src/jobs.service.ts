import { Injectable } from '@nestjs/common';
import { actorName, heldBy, type Principal, versionsReadableBy } from '@envarium/access';
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
import type { Transaction } from '@envarium/journal';
import { JobsClient } from '@envarium/queue';
import { parseVersionReference, RecordsService } from '@envarium/records';
import { RepositoriesService } from '@envarium/registry';
import type { CreateJob, Job } from '@envarium/schema';
import { monotonicFactory } from 'ulid';
import { inputOf } from './job-input.js';
import { type JobRow, jobSelect, presentJob } from './job.presenter.js';
import { JobLogService } from './job-log.service.js';
import { RUN_JOBS } from './job-queue.service.js';

const ID = /^[0-9A-HJKMNP-TV-Z]{26}$/;
const OPEN_STATES = ['queued', 'running'] as const;
/** More than anybody waits for. */
const MAX_OPEN = 20;

/** A job as a reader sees it, and what it takes to read its log. */
export interface VisibleJob {
  readonly job: Job;
  readonly isMember: boolean;
  readonly log: { readonly id: string; readonly logDigest: string | null };
}

/** Requests for long work on versions, and what became of them. */
@Injectable()
export class JobsService {
  /** Jobs are begun in the order of their ids, those of one millisecond too. */
  private readonly ulid = monotonicFactory();

  constructor(
    private readonly prisma: PrismaService,
    private readonly records: RecordsService,
    private readonly repositories: RepositoriesService,
    private readonly logs: JobLogService,
    private readonly queue: JobsClient,
  ) {}

  /**
   * Writes the request down and wakes a worker. An equal job that has not ended is given instead of a second one.
   * @throws ArchiveError VERSION_NOT_PUBLISHED, RUN_UNKNOWN, TOOMANYREQUESTS, REQUEST_INVALID, and as
   *   `RecordsService.requireWritableVersion`
   */
  async request(principal: Principal, reference: string, asked: CreateJob): Promise<Job> {
    const input = inputOf(asked);
    const version = await this.records.requireWritableVersion(principal, reference);
    if (version.state !== 'published') {
      throw new ArchiveError('VERSION_NOT_PUBLISHED', { reference, state: version.state });
    }
    if (input.runId !== null) await this.requireRun(version.id, input.runId);
    const createdBy = actorName(principal);
    const wanted = { kind: asked.kind, versionId: version.id };
    const row = await this.prisma.$transaction(async (tx) => {
      await lock(tx, `jobs of ${createdBy}`);
      await lock(tx, `jobs on ${version.id}`);
      const equal = await tx.job.findFirst({
        where: { ...wanted, input: { equals: input }, state: { in: [...OPEN_STATES] }, outcome: null },
        select: jobSelect,
      });
      if (equal !== null) return equal;
      await requireRoom(tx, createdBy);
      const repositoryId = version.record.repository.id;
      const data = { id: this.ulid(), ...wanted, repositoryId, input, priority: asked.priority, createdBy };
      return await tx.job.create({ data, select: jobSelect });
    });
    // Where nobody can be woken, the sweep of each minute finds the row.
    await this.queue.wake(RUN_JOBS);
    return presentJob(row, true);
  }

  /** @throws ArchiveError JOB_UNKNOWN, also for those of versions that the principal may not read */
  async find(principal: Principal, id: string): Promise<Job> {
    return (await this.look(principal, id)).job;
  }

  /** Newest first. @param reference of a record, or of one version @throws ArchiveError as `RecordsService.record` */
  async list(principal: Principal, reference: string, limit: number, cursor: string | null): Promise<Page<Job>> {
    return pageOfEdges(await this.listEdges(principal, reference, limit, cursor));
  }

  /** `list` with a cursor for every job. */
  async listEdges(
    principal: Principal,
    reference: string,
    limit: number,
    cursor: string | null,
  ): Promise<EdgePage<Job>> {
    const record = await this.records.record(principal, reference);
    const { version } = parseVersionReference(reference);
    const before = cursor === null ? null : decodeCursor(cursor, ['string'])[0];
    const isMember = await this.isMember(principal, { name: record.repository });
    const rows = await this.prisma.job.findMany({
      where: {
        repository: { name: record.repository },
        version: { AND: [versionsReadableBy(principal), version === null ? {} : { number: version }] },
        ...(before !== null && { id: { lt: before } }),
      },
      orderBy: { id: 'desc' },
      take: limit + 1,
      select: jobSelect,
    });
    return edgesOf(
      rows,
      limit,
      (row) => [row.id],
      (row) => presentJob(row, isMember),
    );
  }

  /**
   * A job that waits ends at once; of one that runs it is noted, and its worker ends it within seconds.
   * @throws ArchiveError JOB_UNKNOWN, DENIED (may see it, may not write), JOB_ENDED
   */
  async cancel(principal: Principal, id: string): Promise<Job> {
    const { job } = await this.look(principal, id);
    if (!(await this.repositories.mayWrite(principal, job.repository))) throw new ArchiveError('DENIED', { id });
    const isCancelled =
      (await this.cancelWaiting(id)) || (await this.cancelRunning(id)) || (await this.cancelWaiting(id));
    const now = await this.find(principal, id);
    if (!isCancelled && now.outcome !== 'cancelled') throw new ArchiveError('JOB_ENDED', { id, outcome: now.outcome });
    return now;
  }

  /** What this principal may know of a job. @throws ArchiveError JOB_UNKNOWN */
  async look(principal: Principal, id: string): Promise<VisibleJob> {
    const row: JobRow | null = await this.prisma.job.findFirst({
      where: { id: requireId(id), version: versionsReadableBy(principal) },
      select: jobSelect,
    });
    if (row === null) throw new ArchiveError('JOB_UNKNOWN', { id });
    const isMember = await this.isMember(principal, { id: row.repositoryId });
    return { job: presentJob(row, isMember), isMember, log: { id: row.id, logDigest: row.logDigest } };
  }

  private async isMember(principal: Principal, repository: Prisma.RepositoryWhereInput): Promise<boolean> {
    return (await this.prisma.repository.count({ where: { AND: [repository, heldBy(principal, 'reader')] } })) > 0;
  }

  /** Nobody writes to its log any more: it is archived here. */
  private async cancelWaiting(id: string): Promise<boolean> {
    const waiting = { id, state: 'queued' } as const;
    if ((await this.prisma.job.count({ where: waiting })) === 0) return false;
    const log = await this.logs.archive(id);
    return await this.prisma.$transaction(async (tx) => {
      const { count } = await tx.job.updateMany({
        where: waiting,
        data: {
          state: 'ended',
          outcome: 'cancelled',
          logDigest: log?.digest ?? null,
          finishedAt: new Date(),
          leaseUntil: null,
        },
      });
      if (count > 0) await this.logs.register(tx, log);
      return count > 0;
    });
  }

  private async cancelRunning(id: string): Promise<boolean> {
    const { count } = await this.prisma.job.updateMany({
      where: { id, state: 'running' },
      data: { outcome: 'cancelled' },
    });
    return count > 0;
  }

  private async requireRun(versionId: bigint, runId: string): Promise<void> {
    const found = await this.prisma.run.count({ where: { publicId: runId, versionId } });
    if (found === 0) throw new ArchiveError('RUN_UNKNOWN', { runId });
  }
}

async function requireRoom(tx: Transaction, createdBy: string): Promise<void> {
  const open = await tx.job.count({ where: { createdBy, state: { in: [...OPEN_STATES] } } });
  if (open >= MAX_OPEN) throw new ArchiveError('TOOMANYREQUESTS', { open, limit: MAX_OPEN });
}

/** Until the transaction ends. */
async function lock(tx: Transaction, what: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${what}, 0))`;
}

/** What is no identifier names nothing; PostgreSQL would choke on a NUL. */
function requireId(id: string): string {
  if (!ID.test(id)) throw new ArchiveError('JOB_UNKNOWN', { id: id.slice(0, 100) });
  return id;
}

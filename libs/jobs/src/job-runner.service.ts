import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { isConnectionFailure } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import { RequesterService } from '@envarium/registry';
import { JobAttempt, JobCancelled } from './job-attempt.js';
import { type JobEnd, JobHandlers, type RunningJob } from './job-handlers.js';
import { JobInput } from './job-input.js';
import { JobLogService, JobLost } from './job-log.service.js';
import { outcomeOf, problemOf } from './job-outcome.js';
import { type HeldJob, JobQueueService } from './job-queue.service.js';
import { LineWriter } from './line-writer.js';

/** A job that takes its worker down each time must end some day. */
const MAX_ATTEMPTS = 5;
/** Before the second attempt; doubled before each later one. */
const PATIENCE_MS = 30_000;
const CANCELLED: JobEnd = { outcome: 'cancelled', result: null, problem: null };

/** This process is being stopped. */
class Stopping extends Error {
  override readonly name = 'Stopping';
}

/** Works on jobs, one after the other. Any number of processes may do so at once, and several calls in each. */
@Injectable()
export class JobRunner implements OnApplicationShutdown {
  private readonly stopping = new AbortController();

  constructor(
    private readonly queue: JobQueueService,
    private readonly logs: JobLogService,
    private readonly handlers: JobHandlers,
    private readonly requesters: RequesterService,
  ) {}

  /**
   * Works until nothing is left to do. Returns how many jobs were begun.
   * @throws what nobody foresaw, when the others are done
   */
  async drain(): Promise<number> {
    const unforeseen: unknown[] = [];
    for (let count = 0; ; count++) {
      const job = this.stopping.signal.aborted ? null : await this.queue.claim(this.handlers.kinds);
      if (job === null) {
        if (unforeseen.length > 0) throw unforeseen[0];
        return count;
      }
      try {
        await this.run(job);
      } catch (error) {
        unforeseen.push(error);
      }
    }
  }

  /** Gives back what this process is working on, so that another one goes on at once. */
  stop(): void {
    this.stopping.abort(new Stopping());
  }

  onApplicationShutdown(): void {
    this.stop();
  }

  private async run(job: HeldJob): Promise<void> {
    const lines = await LineWriter.open(this.logs, job);
    const attempt = new JobAttempt(this.queue, job, lines, this.stopping.signal);
    attempt.start();
    try {
      const end = await this.work(job, attempt);
      await this.end(job, lines, end);
    } catch (error) {
      await this.settle(job, lines, error, attempt.signal);
    } finally {
      await attempt.stop();
    }
  }

  private async work(job: HeldJob, attempt: JobAttempt): Promise<JobEnd> {
    if (job.outcome !== null) return CANCELLED;
    if (job.attempts > MAX_ATTEMPTS) throw new ArchiveError('JOB_ABANDONED', { attempts: job.attempts - 1 });
    const principal = await this.requesters.principal(job.createdBy, job.repository.name);
    return await this.handlers.of(job.kind)(runningJob(job, principal), attempt);
  }

  /** The log first: an end without its log would be seen otherwise. @throws JobLost */
  private async end(job: HeldJob, lines: LineWriter, end: JobEnd): Promise<void> {
    await lines.flush();
    await this.queue.end(job, end, await this.logs.archive(job.id));
  }

  /** What becomes of a job that did not come to its end. */
  private async settle(job: HeldJob, lines: LineWriter, thrown: unknown, signal: AbortSignal): Promise<void> {
    // A handler that was interrupted may throw whatever its tools say when they are killed: the reason is known better.
    const reason: unknown = signal.aborted ? signal.reason : thrown;
    // What another server did to a connection has its own error already.
    const error =
      !(reason instanceof ArchiveError) && isConnectionFailure(reason)
        ? new ArchiveError('DATABASE_UNAVAILABLE', {}, { cause: reason })
        : reason;
    if (error instanceof JobLost) return;
    try {
      if (error instanceof Stopping) {
        await lines.flush();
        await this.queue.handBack(job);
      } else if (error instanceof JobCancelled) await this.end(job, lines, CANCELLED);
      else await this.fail(job, lines, error);
    } catch (failure) {
      // Whoever has the job now settles it; without a database its lease runs out, and it is taken again.
      if (!(failure instanceof JobLost)) throw failure;
      return;
    }
    const isExpected = [ArchiveError, Stopping, JobCancelled].some((kind) => error instanceof kind);
    if (!isExpected) throw error;
  }

  private async fail(job: HeldJob, lines: LineWriter, error: unknown): Promise<void> {
    const problem = problemOf(error);
    lines.add('note', `${problem.code}: ${problem.title}`);
    if (error instanceof ArchiveError && error.isTemporary && job.attempts < MAX_ATTEMPTS) {
      await lines.flush();
      const patience = PATIENCE_MS * 2 ** (job.attempts - 1);
      await this.queue.postpone(job, new Date(Date.now() + patience), problem);
      return;
    }
    const outcome = error instanceof ArchiveError ? outcomeOf(error.code) : 'failed';
    await this.end(job, lines, { outcome, result: null, problem });
  }
}

function runningJob(job: HeldJob, principal: RunningJob['principal']): RunningJob {
  const { id, kind, attempts, createdBy, repository, version } = job;
  return {
    id,
    kind,
    attempts,
    createdBy,
    repository,
    principal,
    ...JobInput.parse(job.input),
    versionId: version.id,
    version: version.number,
    recordId: version.record.publicId,
    reference: `${repository.name}@v${version.number}`,
    imageDigest: version.imageDigest,
  };
}

import { Injectable } from '@nestjs/common';
import type { Principal } from '@envarium/access';
import { ArchiveError } from '@envarium/errors';
import type { Job, JobLogLine } from '@envarium/schema';
import { JobChanges } from './job-changes.js';
import { JobLogService } from './job-log.service.js';
import { JobsService, type VisibleJob } from './jobs.service.js';

export type JobEvent =
  | { readonly type: 'job'; readonly job: Job }
  | { readonly type: 'line'; readonly line: JobLogLine };

/** Logs of jobs, and jobs as they go on. */
@Injectable()
export class JobFollowService {
  constructor(
    private readonly jobs: JobsService,
    private readonly logs: JobLogService,
    private readonly changes: JobChanges,
  ) {}

  /**
   * All lines after `after` that there are now.
   * @throws ArchiveError JOB_UNKNOWN; UNAUTHORIZED, DENIED for those who may see the job and are no members
   */
  async openLog(principal: Principal, id: string, after: number): Promise<AsyncGenerator<JobLogLine>> {
    const { isMember, log } = await this.jobs.look(principal, id);
    if (!isMember)
      throw new ArchiveError(principal.kind === 'anonymous' ? 'UNAUTHORIZED' : 'DENIED', { id, what: 'log' });
    return this.logs.read(log, after);
  }

  /** At most `limit` lines after `after`. @throws ArchiveError as `openLog` */
  async log(principal: Principal, id: string, after: number, limit: number): Promise<JobLogLine[]> {
    const lines: JobLogLine[] = [];
    if (limit < 1) return lines;
    for await (const line of await this.openLog(principal, id, after)) {
      lines.push(line);
      if (lines.length >= limit) break;
    }
    return lines;
  }

  /**
   * The job as it is and each time it has changed, and for members every line after `after`; the job that has ended comes
   * last. What may be seen is asked anew at every look.
   * @param after null: no lines are wanted
   * @throws ArchiveError JOB_UNKNOWN, at once or later; what the database says
   */
  async follow(
    principal: Principal,
    id: string,
    after: number | null,
    signal: AbortSignal,
  ): Promise<AsyncGenerator<JobEvent, void, undefined>> {
    return this.events(principal, await this.jobs.look(principal, id), after, signal);
  }

  private async *events(
    principal: Principal,
    first: VisibleJob,
    after: number | null,
    signal: AbortSignal,
  ): AsyncGenerator<JobEvent, void, undefined> {
    let shown = '';
    let seq = after ?? 0;
    // The first look is before the mark: what came between is seen with the second one.
    for (let seen = first, mark = -1; ;) {
      const { job, isMember, log } = seen;
      const hasEnded = job.state === 'ended';
      const isNew = JSON.stringify(job) !== shown;
      if (isNew && !hasEnded) yield { type: 'job', job };
      shown = JSON.stringify(job);
      for await (const line of isMember && after !== null ? this.logs.read(log, seq) : []) {
        yield { type: 'line', line };
        seq = line.seq;
        if (signal.aborted) return;
      }
      if (hasEnded) {
        yield { type: 'job', job };
        return;
      }
      if (mark !== -1) await this.changes.wait(mark, signal);
      if (signal.aborted) return;
      mark = this.changes.mark;
      seen = await this.jobs.look(principal, job.id);
    }
  }
}

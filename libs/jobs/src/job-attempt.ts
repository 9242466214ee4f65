import { setTimeout as sleep } from 'node:timers/promises';
import type { JobLogLine, JobProgress, JobStep } from '@envarium/schema';
import type { JobContext } from './job-handlers.js';
import { type Hold, JobLost } from './job-log.service.js';
import type { JobQueueService } from './job-queue.service.js';
import type { LineWriter } from './line-writer.js';

const BEAT_MS = 1000;

/** Somebody wants the job to end. */
export class JobCancelled extends Error {
  override readonly name = 'JobCancelled';
}

/** One attempt at a job: what its handler is given, and the heartbeat that keeps it ours. */
export class JobAttempt implements JobContext {
  readonly signal: AbortSignal;
  private readonly interrupted = new AbortController();
  private readonly ended = new AbortController();
  private shown: JobProgress | null = null;
  private beating: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly queue: JobQueueService,
    private readonly job: Hold,
    private readonly lines: LineWriter,
    stopping: AbortSignal,
  ) {
    this.signal = AbortSignal.any([stopping, this.interrupted.signal]);
  }

  start(): void {
    this.beating = Promise.all([this.keepBeating(), this.lines.keepWriting(this.ended.signal)]);
  }

  async stop(): Promise<void> {
    this.ended.abort();
    await this.beating;
  }

  // Properties, so that a handler may take them out of its context.
  readonly step = async (step: JobStep): Promise<void> => {
    this.shown = null;
    await this.queue.step(this.job, step);
  };

  readonly progress = (progress: JobProgress): void => {
    this.shown = progress;
  };

  readonly line = (stream: JobLogLine['stream'], text: string): void => this.lines.add(stream, text);

  private async keepBeating(): Promise<void> {
    let lastBeat = Date.now();
    while (!this.ended.signal.aborted) {
      try {
        const { isCancelled } = await this.queue.beat(this.job, this.shown);
        lastBeat = Date.now();
        if (isCancelled) this.interrupted.abort(new JobCancelled());
      } catch (error) {
        // A database that is away for a moment is no reason to stop; a lease that ran out is.
        if (error instanceof JobLost || Date.now() - lastBeat > this.queue.leaseMs) {
          this.interrupted.abort(new JobLost());
          return;
        }
      }
      await sleep(BEAT_MS, undefined, { signal: this.ended.signal }).catch(() => {});
    }
  }
}

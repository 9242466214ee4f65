import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { SealingService } from '@envarium/access';
import { isConnectionFailure } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import { type Digest, parseDigest, parseTag } from '@envarium/oci';
import type { IngestProblem } from '@envarium/schema';
import { formatUpstreamRepository, parseUpstreamReference, type UpstreamReference } from '@envarium/upstream';
import { ImageCopyService } from './image-copy.service.js';
import { openCredentials } from './ingest-credentials.js';
import { type IngestJob, IngestQueueService, JobLost } from './ingest-queue.service.js';
import { ProgressCount } from './progress-count.js';
import { RequesterService } from '@envarium/registry';
import { UpstreamOpener } from './upstream-opener.js';

const BEAT_MS = 1000;
/** A job that takes its worker down each time must end some day. */
const MAX_ATTEMPTS = 20;
/** A copy that was under way is worth some more attempts, each after so long. */
const MAX_RETRIES = 5;
const PATIENCE_MS = 60_000;
const OUR_FAULTS: readonly string[] = ['DATABASE_UNAVAILABLE', 'STORE_UNAVAILABLE'];

/** This process is being stopped. */
class Stopping extends Error {
  override readonly name = 'Stopping';
}

/** Works on ingests, one after the other. Any number of processes may do so at once. */
@Injectable()
export class IngestRunner implements OnApplicationShutdown {
  private readonly stopping = new AbortController();

  constructor(
    private readonly queue: IngestQueueService,
    private readonly copies: ImageCopyService,
    private readonly sealing: SealingService,
    private readonly opener: UpstreamOpener,
    private readonly requesters: RequesterService,
  ) {}

  /**
   * Works until nothing is left to do. Returns how many ingests were begun.
   * @throws what nobody foresaw, when the others are done
   */
  async drain(): Promise<number> {
    const unforeseen: unknown[] = [];
    for (let count = 0; ; count++) {
      const job = this.stopping.signal.aborted ? null : await this.queue.claim();
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

  private async run(job: IngestJob): Promise<void> {
    const lost = new AbortController();
    const ended = new AbortController();
    const progress = new ProgressCount();
    const beating = this.keepBeating(job, progress, lost, ended.signal);
    try {
      await this.work(job, progress, AbortSignal.any([this.stopping.signal, lost.signal]));
    } catch (error) {
      await this.settle(job, error);
    } finally {
      ended.abort();
      await beating;
    }
  }

  private async work(job: IngestJob, progress: ProgressCount, signal: AbortSignal): Promise<void> {
    if (job.attempts > MAX_ATTEMPTS) throw new ArchiveError('INGEST_ABANDONED', { attempts: job.attempts - 1 });
    const reference = parseUpstreamReference(job.source);
    const principal = await this.requesters.principal(job.createdBy, job.repository.name);
    const upstream = this.opener.open(reference, openCredentials(this.sealing, job.id, job.credentials));
    const digest = await this.pinned(job, reference, async (asked) => (await upstream.resolve(asked, signal)).digest);
    const tag = job.tag === null ? null : parseTag(job.tag);
    await this.copies.copy({ upstream, digest, repository: job.repository, tag, principal, progress, signal });
    await this.queue.complete(job, digest, formatUpstreamRepository(reference), progress.snapshot);
  }

  /** A tag may move while we copy, and between two attempts: what counts is what it named first. */
  private async pinned(
    job: IngestJob,
    { tag, digest }: UpstreamReference,
    resolve: (asked: NonNullable<UpstreamReference['tag']> | Digest) => Promise<Digest>,
  ): Promise<Digest> {
    if (job.digest !== null) return parseDigest(job.digest);
    const asked = digest ?? tag;
    if (asked === null) throw new ArchiveError('NAME_INVALID', { name: job.source, reason: 'no-reference' });
    const found = await resolve(asked);
    await this.queue.pin(job, found);
    return found;
  }

  private async keepBeating(
    job: IngestJob,
    progress: ProgressCount,
    lost: AbortController,
    ended: AbortSignal,
  ): Promise<void> {
    let lastBeat = Date.now();
    while (!ended.aborted) {
      try {
        await this.queue.beat(job, progress.snapshot);
        lastBeat = Date.now();
      } catch (error) {
        // A database that is away for a moment is no reason to stop; a lease that ran out is.
        if (error instanceof JobLost || Date.now() - lastBeat > this.queue.leaseMs) {
          lost.abort(new JobLost());
          return;
        }
      }
      await sleep(BEAT_MS, undefined, { signal: ended }).catch(() => {});
    }
  }

  /** What becomes of a job that did not come to its end. */
  private async settle(job: IngestJob, thrown: unknown): Promise<void> {
    // What the other registry did to a connection has its own error already.
    const error =
      !(thrown instanceof ArchiveError) && isConnectionFailure(thrown)
        ? new ArchiveError('DATABASE_UNAVAILABLE', {}, { cause: thrown })
        : thrown;
    if (error instanceof JobLost) return;
    try {
      if (error instanceof Stopping) await this.queue.release(job, null, null);
      else if (await this.isWorthAnotherTry(job, error)) {
        await this.queue.release(job, new Date(Date.now() + PATIENCE_MS), problemOf(error));
      } else await this.queue.fail(job, problemOf(error));
    } catch (failure) {
      // Whoever has the job now settles it; without a database its lease runs out, and it is taken again.
      if (!(failure instanceof JobLost)) throw failure;
    }
    if (!(error instanceof ArchiveError) && !(error instanceof Stopping)) throw error;
  }

  /** Our own database or store is away, or the other registry is, after it had been there. */
  private async isWorthAnotherTry(job: IngestJob, error: unknown): Promise<boolean> {
    if (!(error instanceof ArchiveError)) return false;
    if (OUR_FAULTS.includes(error.code)) return true;
    return error.isTemporary && job.attempts < MAX_RETRIES && (await this.queue.isPinned(job));
  }
}

function problemOf(error: unknown): IngestProblem {
  const known = error instanceof ArchiveError ? error : new ArchiveError('INTERNAL');
  return { code: known.code, title: known.message, remedy: known.remedy ?? null, detail: { ...known.detail } };
}

import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import type { Transaction } from '@envarium/journal';
import { type Digest, digestAlgorithm, parseDigest } from '@envarium/oci';
import { ContentService } from '@envarium/registry';
import { JobLogLine } from '@envarium/schema';
import { STORE, type Store } from '@envarium/storage';

/** Of a log that is longer, the first and the last half of this are kept. */
export const KEPT_LOG_BYTES = 64 * 1024 ** 2;
/** A line is no longer than this as JSON, whatever it holds: six bytes for every one of its text, and what is around it. */
const MAX_LINE_BYTES = 1024 ** 2;
const BATCH = 1000;
/** What a line costs beside its text, about. */
const LINE_OVERHEAD = 80;
const FORGET_BATCH = 100;

/** What tells a job in the hands of one worker from the same job in the hands of another one. */
export interface Hold {
  readonly id: string;
  readonly attempts: number;
}

/** The job is another worker's now: nothing more may be done for it. */
export class JobLost extends Error {
  override readonly name = 'JobLost';
}

export interface StoredLog {
  readonly digest: Digest;
  readonly size: number;
}

/** The log of a job: rows while it runs, then a blob of one JSON line each. */
@Injectable()
export class JobLogService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly content: ContentService,
    @Inject(STORE) private readonly store: Store,
  ) {}

  /** Number of the last line, and about how many bytes there are: where another worker goes on. */
  async extent(jobId: string): Promise<{ seq: number; size: number }> {
    const [row] = await this.prisma.$queryRaw<{ seq: number; size: number }[]>`
      SELECT coalesce(max(seq), 0)::int AS seq, coalesce(sum(octet_length(text) + ${LINE_OVERHEAD}), 0)::float8 AS size
      FROM job_line WHERE job_id = ${jobId}`;
    return row ?? { seq: 0, size: 0 };
  }

  /** Adds lines for whoever holds the job; again is harmless. @throws JobLost */
  async append({ id, attempts }: Hold, lines: readonly JobLogLine[]): Promise<void> {
    const [row] = await this.prisma.$queryRaw<{ held: number }[]>`
      WITH held AS (
        SELECT id FROM job WHERE id = ${id} AND state = 'running' AND attempts = ${attempts} FOR SHARE
      ), added AS (
        INSERT INTO job_line (job_id, seq, at, stream, text)
        SELECT held.id, l.seq, l.at, l.stream, l.text FROM held, unnest(
          ${lines.map(({ seq }) => seq)}::int[], ${lines.map(({ at }) => at)}::timestamptz[],
          ${lines.map(({ stream }) => stream)}::text[], ${lines.map(({ text }) => text)}::text[]
        ) AS l (seq, at, stream, text)
        ON CONFLICT DO NOTHING
      )
      SELECT count(*)::int AS held FROM held`;
    if (row?.held !== 1) throw new JobLost();
  }

  /** Takes out of the middle what is beyond the limit. The numbers that are missing tell how much. */
  async trim(jobId: string, keptBytes = KEPT_LOG_BYTES): Promise<void> {
    const half = keptBytes / 2;
    await this.prisma.$executeRaw`
      DELETE FROM job_line d USING (
        SELECT seq, sum(octet_length(text) + ${LINE_OVERHEAD}) OVER (ORDER BY seq) AS head,
          sum(octet_length(text) + ${LINE_OVERHEAD}) OVER (ORDER BY seq DESC) AS tail
        FROM job_line WHERE job_id = ${jobId}) w
      WHERE d.job_id = ${jobId} AND d.seq = w.seq AND w.head > ${half} AND w.tail > ${half}`;
  }

  /**
   * Makes the log durable as a blob; null when there is none. Safe to repeat. The rows do not change any more: whoever calls
   * holds the job.
   */
  async archive(jobId: string): Promise<StoredLog | null> {
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of this.encoded(jobId)) {
      hash.update(chunk);
      size += chunk.length;
    }
    if (size === 0) return null;
    const digest = parseDigest(`sha256:${hash.digest('hex')}`);
    await this.store.blobs.put(this.encoded(jobId), { digest, size, heal: await this.content.isDamaged(digest) });
    return { digest, size };
  }

  /** In the transaction that names the log: from then on it is kept. It is attached to no repository, so no pull shows it. */
  async register(tx: Transaction, log: StoredLog | null): Promise<void> {
    if (log !== null) await this.content.register(tx, [log]);
  }

  /**
   * Lines after `after`, in order.
   * @param logDigest of a job that has ended
   * @throws ArchiveError BLOB_CORRUPT at the end of a log that is not what its digest says
   */
  read(job: { readonly id: string; readonly logDigest: string | null }, after: number): AsyncGenerator<JobLogLine> {
    return job.logDigest === null ? this.rows(job.id, after) : this.stored(parseDigest(job.logDigest), after);
  }

  /** Removes the rows of jobs that ended before `before`: the blob has them. Returns how many jobs they were of. */
  async forget(before: Date): Promise<number> {
    for (let forgotten = 0; ;) {
      const jobs = await this.prisma.job.findMany({
        where: { state: 'ended', logDigest: { not: null }, finishedAt: { lt: before }, lines: { some: {} } },
        take: FORGET_BATCH,
        select: { id: true },
      });
      await this.prisma.jobLine.deleteMany({ where: { jobId: { in: jobs.map(({ id }) => id) } } });
      forgotten += jobs.length;
      if (jobs.length < FORGET_BATCH) return forgotten;
    }
  }

  private async *rows(jobId: string, after: number): AsyncGenerator<JobLogLine> {
    for (let last = after; ;) {
      const rows = await this.prisma.jobLine.findMany({
        where: { jobId, seq: { gt: last } },
        orderBy: { seq: 'asc' },
        take: BATCH,
      });
      for (const { seq, at, stream, text } of rows) {
        const line = JobLogLine.parse({ seq, at: at.toISOString(), stream, text });
        if (seq > last + 1) yield gap(last + 1, line);
        yield line;
        last = seq;
      }
      if (rows.length < BATCH) return;
    }
  }

  private async *encoded(jobId: string): AsyncGenerator<Buffer> {
    let chunk: string[] = [];
    for await (const line of this.rows(jobId, 0)) {
      chunk.push(`${JSON.stringify(line)}\n`);
      if (chunk.length < BATCH) continue;
      yield Buffer.from(chunk.join(''));
      chunk = [];
    }
    if (chunk.length > 0) yield Buffer.from(chunk.join(''));
  }

  private async *stored(digest: Digest, after: number): AsyncGenerator<JobLogLine> {
    const hash = createHash(digestAlgorithm(digest));
    let rest = Buffer.alloc(0);
    for await (const chunk of await this.store.blobs.open(digest)) {
      hash.update(chunk);
      // The reader uses its buffers again: what is left of this one is copied by concat.
      let text = Buffer.concat([rest, chunk]);
      for (let end = text.indexOf(10); end !== -1; end = text.indexOf(10)) {
        const line = JobLogLine.parse(JSON.parse(text.subarray(0, end).toString('utf8')));
        if (line.seq > after) yield line;
        text = text.subarray(end + 1);
      }
      rest = text;
      if (rest.length > MAX_LINE_BYTES) throw new ArchiveError('BLOB_CORRUPT', { digest });
    }
    if (`sha256:${hash.digest('hex')}` !== digest) throw new ArchiveError('BLOB_CORRUPT', { digest });
  }
}

/** Stands where lines were taken out, under the number of the first of them. */
function gap(first: number, next: JobLogLine): JobLogLine {
  const text = `[${next.seq - first} lines are left out here: the log was longer than what is kept]`;
  return { seq: first, at: next.at, stream: 'note', text };
}

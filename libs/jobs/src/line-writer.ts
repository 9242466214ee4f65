import { setTimeout as sleep } from 'node:timers/promises';
import type { JobLogLine } from '@envarium/schema';
import { type Hold, type JobLogService, JobLost, KEPT_LOG_BYTES } from './job-log.service.js';

const FLUSH_MS = 500;
const BATCH = 1000;
const MAX_LINE_LENGTH = 16 * 1024;
/** Held back while the database is away or slow; what comes beyond is counted only. */
const MAX_WAITING = 20_000;
const MAX_WAITING_LENGTH = 8 * 1024 ** 2;
/** So much more may stand in the rows before the middle is taken out again. */
const SLACK_BYTES = KEPT_LOG_BYTES / 8;

/** The log of a job as it is written: in order, in batches, some moments later. */
export class LineWriter {
  private waiting: JobLogLine[] = [];
  private waitingLength = 0;
  private dropped = 0;
  private writing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly logs: JobLogService,
    private readonly job: Hold,
    private seq: number,
    private size: number,
  ) {}

  /** Goes on after what an earlier attempt has written. */
  static async open(logs: JobLogService, job: Hold): Promise<LineWriter> {
    const { seq, size } = await logs.extent(job.id);
    return new LineWriter(logs, job, seq, size);
  }

  /** @param text several lines become several; NUL, which PostgreSQL cannot hold, becomes U+FFFD */
  add(stream: JobLogLine['stream'], text: string): void {
    for (const line of text.replace(/\r?\n$/, '').split(/\r?\n/)) {
      if (this.waiting.length >= MAX_WAITING || this.waitingLength > MAX_WAITING_LENGTH) this.dropped += 1;
      else this.push(stream, line);
    }
  }

  /** Writes until `ended`. A database that is away keeps the lines waiting; a job that is lost ends the writing. */
  async keepWriting(ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      await sleep(FLUSH_MS, undefined, { signal: ended }).catch(() => {});
      try {
        await this.flush();
      } catch (error) {
        if (error instanceof JobLost) return;
      }
    }
  }

  /** What was added until now is written when this resolves. @throws JobLost, and failures of the database */
  async flush(): Promise<void> {
    this.writing = this.writing.catch(() => {}).then(async () => await this.write());
    await this.writing;
  }

  private push(stream: JobLogLine['stream'], line: string): void {
    const cut = line.length > MAX_LINE_LENGTH ? `${line.slice(0, MAX_LINE_LENGTH)} [...]` : line;
    // Half of a surrogate pair has no UTF-8 either; the way through bytes makes U+FFFD of it.
    const text = Buffer.from(cut.replaceAll('\0', '\uFFFD')).toString();
    this.waiting.push({ seq: ++this.seq, at: new Date().toISOString(), stream, text });
    this.waitingLength += text.length;
  }

  private async write(): Promise<void> {
    while (this.waiting.length > 0) {
      const lines = this.waiting.slice(0, BATCH);
      await this.logs.append(this.job, lines);
      this.waiting.splice(0, lines.length);
      const length = lines.reduce((sum, { text }) => sum + text.length, 0);
      this.waitingLength -= length;
      this.size += length;
      if (this.dropped > 0) {
        const dropped = this.dropped;
        this.dropped = 0;
        this.push('note', `[${dropped} lines are lost here: they came faster than they could be written]`);
      }
      if (this.size > KEPT_LOG_BYTES + SLACK_BYTES) {
        await this.logs.trim(this.job.id);
        this.size = (await this.logs.extent(this.job.id)).size;
      }
    }
  }
}

import type { Job, JobLogLine } from '@envarium/schema';
import type { Output } from '../output.js';
import { type Progress, SILENT } from '../progress.js';

/** What a person sees of a job that goes on: a line for each step, and a bar or the log. */
export class JobDisplay {
  private step = '';
  private attempt = 0;
  private bar: Progress = SILENT;
  private counted = '';
  private shown = 0;

  constructor(
    private readonly output: Output,
    private readonly showLog: boolean,
  ) {}

  async show(event: Job | JobLogLine): Promise<void> {
    if ('seq' in event) this.showLine(event);
    else await this.showJob(event);
  }

  stop(): void {
    this.bar.stop();
    this.bar = SILENT;
  }

  private showLine({ text }: JobLogLine): void {
    if (this.showLog) this.output.remark(printable(text));
  }

  private async showJob(job: Job): Promise<void> {
    if (this.step === '') this.output.remark(`Job ${job.id}: ${job.kind} of ${job.repository}@v${job.version}`);
    if (job.state === 'queued' && job.problem !== null && job.attempts !== this.attempt) {
      this.attempt = job.attempts;
      this.output.remark(`attempt ${job.attempts} failed, another one follows: ${job.problem.title}`);
    }
    if (job.step !== this.step) {
      this.stop();
      this.counted = '';
      if (job.state === 'running') this.output.remark(`${job.step} ...`);
      this.step = job.step;
    }
    if (job.state === 'running' && !this.showLog) await this.showProgress(job);
  }

  private async showProgress({ progress, step }: Job): Promise<void> {
    if (progress === null || progress.total === null) return;
    const counted = `${progress.what} ${progress.total}`;
    if (counted !== this.counted) {
      this.stop();
      this.bar = await this.output.progress(`${step}: ${progress.what}`, progress.total, progress.unit);
      this.counted = counted;
      this.shown = 0;
    }
    this.bar.add(progress.done - this.shown);
    this.shown = progress.done;
  }
}

/** CSI sequences: colours, moves of the cursor. https://en.wikipedia.org/wiki/ANSI_escape_code */
const SEQUENCE = new RegExp(String.raw`\u001B\[[0-9;?]*[ -/]*[@-~]`, 'g');
/** All control characters but the tabulator. */
const CONTROL = /(?!\t)\p{Cc}/gu;

/** Programs in a sandbox are strangers: what they print must not steer the terminal. */
export function printable(text: string): string {
  return text.replaceAll(SEQUENCE, '').replaceAll(CONTROL, '');
}

import type { Failure } from './failure.js';
import { failureLines } from './failure.js';
import { createProgress, SILENT, type Progress } from './progress.js';

/** The two streams of a process; each may be a terminal. */
export interface Streams {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/**
 * What a command says. Results go to standard output: lines for people, or with `--json` exactly one document. Remarks and
 * progress go to standard error, so that a pipe gets the result only.
 */
export class Output {
  constructor(
    private readonly streams: Streams,
    readonly isJson: boolean,
  ) {}

  /** The result, in both forms. */
  result(document: unknown, lines: readonly string[]): void {
    const text = this.isJson ? JSON.stringify(document, null, 2) : lines.join('\n');
    if (text !== '') this.streams.stdout.write(`${text}\n`);
  }

  /**
   * Standard output for a result that is bytes. Nothing else may then be said there.
   * @returns null where it would go onto a screen
   */
  get bytes(): NodeJS.WritableStream | null {
    return this.streams.stdout.isTTY === true ? null : this.streams.stdout;
  }

  /** A result that is a text file of its own, byte for byte. */
  text(bytes: Uint8Array): void {
    this.streams.stdout.write(bytes);
  }

  /** Something to notice that is not the result. */
  remark(text: string): void {
    this.streams.stderr.write(`${text}\n`);
  }

  warn(text: string): void {
    this.remark(`warning: ${text}`);
  }

  /** A person who waits sees a bar; a log file and a script do not. */
  async progress(title: string, total: number, counted: 'bytes' | 'steps' | 'files' = 'bytes'): Promise<Progress> {
    if (this.isJson || this.streams.stderr.isTTY !== true || total === 0) return SILENT;
    return await createProgress(this.streams.stderr, title, total, counted);
  }

  fail(failure: Failure): void {
    const { detail, ...rest } = failure;
    if (this.isJson) this.result({ error: { ...rest, detail } }, []);
    for (const line of failureLines(failure)) this.remark(line);
  }
}

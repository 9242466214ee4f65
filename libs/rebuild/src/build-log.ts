import type { JobContext } from '@envarium/jobs';
import { canonicalJson } from '@envarium/schema';
import type { EventSink } from '@envarium/sandbox';

/** Of one build or run; the log of the job has all of it. */
const MAX_BYTES = 8 * 1024 * 1024;
const TAIL = 20;

/** What a build prints: to the log of the job, and kept with the receipt. */
export class BuildLog implements EventSink {
  private readonly kept: Uint8Array[] = [];
  private readonly last: string[] = [];
  private size = 0;
  private seq = 0;

  constructor(private readonly context: JobContext) {}

  line(stream: 'stdout' | 'stderr' | 'note', text: string): void {
    this.context.line(stream, text);
    this.last.push(text);
    if (this.last.length > TAIL) this.last.shift();
    const line = Buffer.concat([canonicalJson({ seq: this.seq++, stream, text }), Buffer.from('\n')]);
    this.size += line.length;
    if (this.size <= MAX_BYTES) this.kept.push(line);
  }

  /** The last lines, for a person who asks why. */
  get tail(): readonly string[] {
    return this.last;
  }

  async *content(): AsyncGenerator<Uint8Array, void, undefined> {
    yield* this.kept;
  }
}

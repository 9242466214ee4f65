import { setTimeout as sleep } from 'node:timers/promises';
import type { Ingest } from '@envarium/schema';
import type { ApiClient } from '../client/api-client.js';
import type { Output } from '../output.js';
import { type Progress, SILENT } from '../progress.js';
import { interrupted } from './ingest-failure.js';

const POLL_MS = 500;

/**
 * Looks at an ingest until it has ended, with a bar for the person who waits. Ctrl-C ends the waiting only.
 * @throws CommandFailed INTERRUPTED
 */
export async function followIngest(api: ApiClient, id: string, output: Output): Promise<Ingest> {
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  process.once('SIGINT', stop);
  const bar = new IngestBar(output);
  let noted = 0;
  try {
    for (let isFirst = true; ; isFirst = false) {
      const ingest = await api.findIngest(id);
      if (isFirst) output.remark(`Ingest ${id} of ${ingest.source}`);
      if (ingest.state !== 'queued' && ingest.state !== 'running') return ingest;
      if (ingest.state === 'queued' && ingest.problem !== null && ingest.attempts !== noted) {
        output.remark(`attempt ${ingest.attempts} failed, another one follows: ${ingest.problem.title}`);
        noted = ingest.attempts;
      }
      await bar.show(ingest);
      await sleep(POLL_MS, undefined, { signal: stopped.signal }).catch(() => {});
      if (stopped.signal.aborted) throw interrupted(id);
    }
  } finally {
    process.off('SIGINT', stop);
    bar.stop();
  }
}

class IngestBar {
  private progress: Progress = SILENT;
  private shown = 0;

  constructor(private readonly output: Output) {}

  async show({ progress }: Ingest): Promise<void> {
    if (progress === null) return;
    const { done, total } = progress.bytes;
    // The total is known when the first bytes come: all image manifests are read before.
    if (this.progress === SILENT && done > 0) this.progress = await this.output.progress('ingest', total);
    this.progress.add(done - this.shown);
    this.shown = done;
  }

  stop(): void {
    this.progress.stop();
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, JobLogLine } from '@envarium/schema';
import type { ApiClient } from '../client/api-client.js';
import { ServerUnreachable } from '../failure.js';
import type { Output } from '../output.js';
import { JobDisplay } from './job-display.js';
import { interrupted } from './job-failure.js';

const RECONNECT_MS = 1000;
/** Connections in a row that brought nothing, before the server is taken for gone. */
const MAX_FAILURES = 10;

/**
 * Follows a job until it has ended, with a bar for the person who waits; a connection that breaks is opened again after
 * the line that was seen last. Ctrl-C ends the waiting only.
 * @throws CommandFailed INTERRUPTED; ServerUnreachable
 */
export async function followJob(api: ApiClient, id: string, output: Output, showLog: boolean): Promise<Job> {
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  process.once('SIGINT', stop);
  const display = new JobDisplay(output, showLog);
  let last = 0;
  let failures = 0;
  try {
    for (;;) {
      try {
        for await (const event of untilAborted(api.jobEvents(id, last, stopped.signal), stopped.signal)) {
          failures = 0;
          await display.show(event);
          if ('seq' in event) last = event.seq;
          else if (event.state === 'ended') return event;
        }
      } catch (error) {
        failures += 1;
        if (!(error instanceof ServerUnreachable) || failures >= MAX_FAILURES) throw error;
      }
      if (!stopped.signal.aborted) await sleep(RECONNECT_MS, undefined, { signal: stopped.signal }).catch(() => {});
      if (stopped.signal.aborted) throw interrupted(id);
    }
  } finally {
    process.off('SIGINT', stop);
    display.stop();
  }
}

/** Ends when the signal aborts, also in the middle of a wait. */
async function* untilAborted(
  events: AsyncGenerator<Job | JobLogLine, void, undefined>,
  signal: AbortSignal,
): AsyncGenerator<Job | JobLogLine, void, undefined> {
  const aborted = new Promise<null>((resolve) => signal.addEventListener('abort', () => resolve(null), { once: true }));
  for (;;) {
    const next = events.next();
    const result = await Promise.race([next, aborted]);
    // The connection is being ended; what the abandoned wait says of it is nobody's business.
    if (result === null) return void next.catch(() => {});
    if (result.done === true) return;
    yield result.value;
  }
}

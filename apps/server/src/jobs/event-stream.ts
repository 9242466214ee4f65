import { setTimeout as sleep } from 'node:timers/promises';
import type { JobEvent } from '@envarium/jobs';

/** Proxies end connections on which nothing moves, often after 30 s or a minute. */
const HEARTBEAT_MS = 15_000;
const HEARTBEAT = ': still here\n\n';
const RECONNECT_MS = 2000;
/** nginx passes each event on as it comes; and no connection is left over when a server that stops has ended its answers. */
export const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  connection: 'close',
};

/**
 * A followed job as server-sent events: `job` each time it has changed, `line` for each line of the log with its number as
 * id, so that Last-Event-ID resumes, and `end` with the job at last.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export async function* eventStream(
  events: AsyncGenerator<JobEvent, void, undefined>,
  heartbeatMs = HEARTBEAT_MS,
): AsyncGenerator<string, void, undefined> {
  yield `retry: ${RECONNECT_MS}\n\n`;
  for await (const event of withHeartbeat(events, heartbeatMs)) {
    if (event === null) yield HEARTBEAT;
    else if (event.type === 'line') yield message('line', event.line, event.line.seq);
    else yield message(event.job.state === 'ended' ? 'end' : 'job', event.job);
  }
}

/** Any values as events of one name, and one more at their end, as GraphQL over server-sent events has it. */
export async function* valueStream(
  values: AsyncGenerator<object, unknown, undefined>,
  names: { readonly each: string; readonly last: string },
): AsyncGenerator<string, void, undefined> {
  for await (const value of withHeartbeat(values, HEARTBEAT_MS)) {
    yield value === null ? HEARTBEAT : message(names.each, value);
  }
  yield `event: ${names.last}\ndata: \n\n`;
}

function message(event: string, data: object, id?: number): string {
  // JSON has no line feeds outside of its texts, and escapes those inside.
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** null stands for a time in which nothing came. */
async function* withHeartbeat<T>(
  events: AsyncGenerator<T, unknown, undefined>,
  ms: number,
): AsyncGenerator<T | null, void, undefined> {
  let next = events.next();
  for (;;) {
    const isHere = new AbortController();
    const pause = sleep(ms, null, { signal: isHere.signal }).catch(() => null);
    const result = await Promise.race([next, pause]);
    isHere.abort();
    if (result === null) {
      yield null;
      continue;
    }
    if (result.done === true) return;
    yield result.value;
    next = events.next();
  }
}

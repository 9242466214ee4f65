import { IncomingMessage } from 'node:http';
import { Readable, finished } from 'node:stream';

/** Bytes on their way in: a request, a response body, a file stream, a generator. */
export type ByteSource = AsyncIterable<Uint8Array>;

/** Takes a chunk; the promise, if any, says when it will take the next. May throw. */
export type ByteSink = (chunk: Uint8Array) => Promise<void> | undefined;

/**
 * Gives all chunks of `source` to `sink`. Rejects with the error of whichever failed. A source that is left early is
 * destroyed, except an HTTP request: its socket is needed to tell the client why, and its server ends it.
 */
export async function pour(source: ByteSource, sink: ByteSink): Promise<void> {
  if (source instanceof Readable) return await pourStream(source, sink);
  for await (const chunk of source) await sink(chunk);
}

/** Events, since iterating joins the chunks of a stream before it hands them out: a copy and its garbage. */
async function pourStream(source: Readable, sink: ByteSink): Promise<void> {
  // A stream may end or break while the sink is still busy with its last chunk: both outcomes wait for the sink.
  let busy: Promise<void> | undefined;
  await new Promise<void>((resolve, reject) => {
    const settle = (error?: unknown): void => {
      source.off('data', onData);
      stopWaiting();
      const isWhole = error === undefined || error === null;
      if (!isWhole) source.pause();
      if (!isWhole && !(source instanceof IncomingMessage)) source.destroy();
      Promise.resolve(busy).then(() => (isWhole ? resolve() : reject(error)), reject);
    };
    const onData = (chunk: Uint8Array): void => {
      try {
        busy = sink(chunk);
        if (busy === undefined) return;
        source.pause();
        busy.then(() => source.resume(), settle);
      } catch (error) {
        settle(error);
      }
    };
    const stopWaiting = finished(source, { writable: false }, settle);
    source.on('data', onData);
  });
}

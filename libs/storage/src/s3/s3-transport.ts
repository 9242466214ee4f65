import { AsyncLocalStorage } from 'node:async_hooks';
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';

/** Longer than any store is silent while it copies 5 GiB; shorter than anybody's patience with a dead peer. */
const IDLE_MS = 120_000;
const MAX_SOCKETS = 64;
/** Statuses whose answer `minio` 8.0.7 throws away unread; an unread answer keeps its socket for ever. */
const UNREAD = new Set([408, 429, 499, 500, 502, 503, 504, 520]);

/** RFC 4918 section 11.5. Behind a proxy it may come without the XML that would name it. */
const INSUFFICIENT_STORAGE = 507;

const requestsOfCall = new AsyncLocalStorage<Set<ClientRequest>>();

/**
 * Runs one call of the S3 client, which cannot cancel. A request that was given up must not arrive later: it could put an
 * old state of an upload in the place of a newer one.
 * @returns what came of it, and a way to break its connections off
 */
export function cancellable<T>(work: () => Promise<T>): { result: Promise<T>; cancel: () => void } {
  const requests = new Set<ClientRequest>();
  return {
    result: requestsOfCall.run(requests, work),
    cancel: () => {
      for (const request of requests) request.destroy(new Error('given up'));
    },
  };
}

/** HTTP for the S3 client, with what it lacks: a limit on silence, and no leak of sockets on errors. */
export function s3Transport(
  isSecure: boolean,
  idleMs = IDLE_MS,
): {
  transport: Pick<typeof http, 'request'>;
  transportAgent: http.Agent;
} {
  const options = { keepAlive: true, maxSockets: MAX_SOCKETS };
  const transportAgent = isSecure ? new https.Agent(options) : new http.Agent(options);
  const request = new Proxy(isSecure ? https.request : http.request, {
    apply(target, self, args): ClientRequest {
      const clientRequest: ClientRequest = Reflect.apply(target, self, args);
      const requests = requestsOfCall.getStore();
      requests?.add(clientRequest);
      clientRequest.on('close', () => requests?.delete(clientRequest));
      clientRequest.setTimeout(idleMs, () => clientRequest.destroy(new Error(`S3 was silent for ${idleMs} ms`)));
      clientRequest.on('response', (response: IncomingMessage) => {
        if (UNREAD.has(response.statusCode ?? 0)) response.resume();
        if (response.statusCode === INSUFFICIENT_STORAGE) nameFull(response);
      });
      return clientRequest;
    },
  });
  return { transport: { request }, transportAgent };
}

/** The client takes the code of an answer without a body from these headers, and knows no 507. */
function nameFull({ headers }: IncomingMessage): void {
  headers['x-minio-error-code'] ??= 'InsufficientStorage';
  headers['x-minio-error-desc'] ??= 'no space left';
}

import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';

/** Longer than any store is silent while it copies 5 GiB; shorter than anybody's patience with a dead peer. */
const IDLE_MS = 120_000;
const MAX_SOCKETS = 64;
/** Statuses whose answer `minio` 8.0.7 throws away unread; an unread answer keeps its socket for ever. */
const UNREAD = new Set([408, 429, 499, 500, 502, 503, 504, 520]);

/** HTTP for the S3 client, with what it lacks: a limit on silence, and no leak of sockets on errors. */
export function s3Transport(isSecure: boolean): {
  transport: Pick<typeof http, 'request'>;
  transportAgent: http.Agent;
} {
  const options = { keepAlive: true, maxSockets: MAX_SOCKETS };
  const transportAgent = isSecure ? new https.Agent(options) : new http.Agent(options);
  const request = new Proxy(isSecure ? https.request : http.request, {
    apply(target, self, args): ClientRequest {
      const clientRequest: ClientRequest = Reflect.apply(target, self, args);
      clientRequest.setTimeout(IDLE_MS, () => clientRequest.destroy(new Error(`S3 was silent for ${IDLE_MS} ms`)));
      clientRequest.on('response', (response: IncomingMessage) => {
        if (UNREAD.has(response.statusCode ?? 0)) response.resume();
      });
      return clientRequest;
    },
  });
  return { transport: { request }, transportAgent };
}

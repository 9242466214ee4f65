import http from 'node:http';
import { pipeline } from 'node:stream';
import { destinationOf, type Target } from './origin.js';

/** Tells what is behind the socket where a request was meant to go: scheme, name and port. */
export const ORIGIN_HEADER = 'envarium-origin';

/** Said between two neighbours, and not part of the message (RFC 9110 section 7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  ORIGIN_HEADER,
]);

/** Passes requests on to a Unix socket, and the answers back; both stream, and neither is kept. */
export class Forwarder {
  private readonly agent = new http.Agent({ keepAlive: true, maxSockets: 256 });

  constructor(private readonly socket: string) {}

  forward(request: http.IncomingMessage, response: http.ServerResponse, target: Target): void {
    const destination = destinationOf(request, target);
    if (destination === null) return refuse(response, 400, 'The request does not say where it is meant to go.');
    const onward = http.request({
      socketPath: this.socket,
      agent: this.agent,
      method: request.method ?? 'GET',
      path: destination.path,
      headers: {
        ...endToEnd(request),
        [ORIGIN_HEADER]: destination.origin,
        // Without a length Node would send none of the body of an unusual method.
        ...(request.headers['transfer-encoding'] !== undefined && { 'transfer-encoding': 'chunked' }),
      },
    });
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? '', endToEnd(answer));
      // An answer that breaks off must break off here too: a short body must not look whole.
      pipeline(answer, response, () => {});
    });
    pipeline(request, onward, (error) => {
      if (error != null) onward.destroy();
    });
    onward.on('error', (error) => {
      // Whoever answered and broke off has a reason; a program that never looks at the status must not take a text for it.
      if (response.headersSent || !isNobody(error)) response.destroy();
      else refuse(response, 502, 'Nothing answers in place of the network.');
    });
    response.on('close', () => {
      if (!response.writableFinished) onward.destroy();
    });
  }
}

export function refuse(response: http.ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end(`${text}\n`);
}

/** True when nobody listens on the socket. */
function isNobody(error: Error): boolean {
  return 'code' in error && (error.code === 'ECONNREFUSED' || error.code === 'ENOENT');
}

function endToEnd({ rawHeaders }: http.IncomingMessage): http.OutgoingHttpHeaders {
  const headers: Record<string, string | string[]> = {};
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = rawHeaders[index + 1] ?? '';
    if (HOP_BY_HOP.has(name)) continue;
    headers[name] = headers[name] === undefined ? value : [headers[name], value].flat();
  }
  // A host that is written twice is no host; the origin is known by now.
  if (Array.isArray(headers['host'])) delete headers['host'];
  return headers;
}

import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RecordedExchange {
  readonly method: string;
  readonly path: string;
  readonly range: string | null;
  readonly status: number;
  readonly contentType: string;
  readonly length: number;
}

export interface RecordingProxy {
  /** As in `127.0.0.1:41234`. */
  readonly host: string;
  readonly exchanges: RecordedExchange[];
  stop(): Promise<void>;
}

/** Stands between a client and a server, changes nothing but the host, and keeps what was asked. */
export async function startRecordingProxy(target: string): Promise<RecordingProxy> {
  const exchanges: RecordedExchange[] = [];
  const [hostname, port] = target.split(':');
  const server = http.createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    const options = { hostname, port, method, path: url, headers: { ...headers, host: target }, agent: false };
    const onward = http.request(options, (answer) => {
      exchanges.push({
        method,
        path: url,
        range: headers.range ?? null,
        status: answer.statusCode ?? 0,
        contentType: (answer.headers['content-type'] ?? '').split(';', 1)[0] ?? '',
        length: Number(answer.headers['content-length']),
      });
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    exchanges,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

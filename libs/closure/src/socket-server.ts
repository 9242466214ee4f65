import http from 'node:http';
import { rm } from 'node:fs/promises';

export type Answerer = (request: http.IncomingMessage, response: http.ServerResponse) => Promise<void>;

/** An HTTP/1.1 server on a Unix socket, for the stand-in inside one build. Where answering fails the connection breaks. */
export async function listenOn(socket: string, answer: Answerer): Promise<{ close(): Promise<void> }> {
  const server = http.createServer(
    { keepAliveTimeout: 0, requestTimeout: 0, maxHeaderSize: 64 * 1024 },
    (request, response) => {
      response.on('error', () => {});
      answer(request, response).catch(() => response.destroy());
    },
  );
  server.on('clientError', (_error, connection) => connection.destroy());
  await rm(socket, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  return {
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** A sentence for whoever reads the log of the build, and the connection stays usable. */
export function answerText(response: http.ServerResponse, status: number, text: string): void {
  if (response.headersSent || response.destroyed) return void response.destroy();
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`envarium: ${text}\n`);
}

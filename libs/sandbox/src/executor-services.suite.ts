import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import type { Internet } from './executor.js';
import { createAuthority, type Credential } from './stand-in/authority.js';

/** Services of the host, which must not be reached. */
export class Services {
  readonly abstract = `envarium-${process.pid}`;
  connections = 0;
  private readonly servers: Server[] = [];

  private constructor(readonly path: string) {}

  static async start(directory: string): Promise<Services> {
    const services = new Services(path.join(directory, 'service.sock'));
    await services.listen({ host: '0.0.0.0', port: 0 });
    await services.listen({ path: services.path });
    await services.listen({ path: `\0${services.abstract}` });
    return services;
  }

  get port(): number {
    const address = this.servers[0]?.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  stop(): void {
    for (const server of this.servers) server.close();
  }

  private async listen(where: { host: string; port: number } | { path: string }): Promise<void> {
    const server = createServer((socket) => {
      this.connections += 1;
      socket.destroy();
    });
    server.listen(where);
    await once(server, 'listening');
    this.servers.push(server);
  }
}

/** Answers every request with the address that was asked for. */
export class FakeInternet {
  private constructor(
    private readonly server: HttpServer,
    private readonly socket: string,
    private readonly authority: Credential,
  ) {}

  static async start(socket: string): Promise<FakeInternet> {
    const server = createHttpServer((request, response) => {
      response.end(`${String(request.headers['envarium-origin'])}${request.url}\n`);
    });
    server.listen(socket);
    await once(server, 'listening');
    return new FakeInternet(server, socket, await createAuthority());
  }

  get asSeen(): Internet {
    return { kind: 'stand-in', socket: this.socket, authority: this.authority, ports: [80, 443], answers: null };
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

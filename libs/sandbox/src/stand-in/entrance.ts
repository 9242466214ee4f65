import http from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import type { Certificates } from './certificates.js';
import { type Forwarder, refuse } from './forward.js';
import { parseAuthority, type Target } from './origin.js';

/** First byte of a TLS handshake record (RFC 8446 section 5.1). */
const HANDSHAKE = 0x16;
const FIRST_BYTE_MS = 60_000;

/** Takes connections that were meant for anywhere, finds out what they speak, and passes their requests on. */
export class Entrance {
  private readonly targets = new WeakMap<Duplex, Target>();
  private readonly http: http.Server;

  /** @param report is told of handshakes that a program inside broke off: most often it does not trust the authority */
  constructor(
    private readonly certificates: Certificates,
    private readonly forwarder: Forwarder,
    private readonly report: (text: string) => void,
  ) {
    // A build may pause for an hour between two requests; it ends by itself, and everything here with it.
    this.http = http.createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 60_000 });
    this.http.on('request', (request, response) => this.answer(request, response));
    this.http.on('connect', (request, socket, head) => this.open(request, socket, head));
    this.http.on('clientError', (_error, socket) => {
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      else socket.destroy();
    });
  }

  /** Listens on one address and port; the port is where clients of that port were meant to go. */
  async listen(address: string, port: number): Promise<void> {
    const server = net.createServer((socket) => this.accept(socket, { host: null, port }));
    server.maxConnections = 2000;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, address, () => {
        server.off('error', reject);
        server.on('error', () => {});
        resolve();
      });
    });
  }

  private accept(socket: Duplex, { host, port }: Omit<Target, 'isTls'>): void {
    const clock = setTimeout(() => socket.destroy(), FIRST_BYTE_MS);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => clearTimeout(clock));
    socket.once('data', (chunk: Buffer) => {
      clearTimeout(clock);
      socket.pause();
      socket.unshift(chunk);
      if (chunk[0] === HANDSHAKE) void this.secure(socket, host, port);
      else this.speak(socket, { host, port, isTls: false });
    });
  }

  private async secure(socket: Duplex, host: string | null, port: number): Promise<void> {
    // Clients that ask for an address send no name: they get the certificate of the address that they connected to.
    const address = host ?? (socket instanceof net.Socket ? (socket.localAddress ?? '127.0.0.1') : '127.0.0.1');
    let name = host;
    const certificate = await this.certificates.of(address).catch(() => null);
    if (certificate === null) return void socket.destroy();
    const server = tls.createServer({
      cert: certificate.cert,
      key: certificate.key,
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: FIRST_BYTE_MS,
      SNICallback: (asked, done) => {
        name = parseAuthority(asked)?.host ?? null;
        if (name === null) return done(new Error('the server name is no name'));
        this.certificates.of(name).then(({ context }) => done(null, context), done);
      },
    });
    server.on('tlsClientError', (error) => this.report(`TLS with ${name ?? address} failed: ${error.message}`));
    server.on('secureConnection', (stream) => this.speak(stream, { host: host ?? name, port, isTls: true }));
    server.emit('connection', socket);
  }

  private speak(socket: Duplex, target: Target): void {
    this.targets.set(socket, target);
    socket.on('error', () => socket.destroy());
    this.http.emit('connection', socket);
    socket.resume();
  }

  private answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const target = this.targets.get(request.socket);
    if (target === undefined) return refuse(response, 400, 'The connection is not known.');
    try {
      this.forwarder.forward(request, response, target);
    } catch {
      // Headers that were read may still be some that cannot be written.
      refuse(response, 400, 'The request cannot be passed on.');
    }
  }

  /** A program that was told of a proxy asks for a tunnel: what comes through it is taken like any connection. */
  private open(request: http.IncomingMessage, socket: Duplex, head: Buffer): void {
    const authority = parseAuthority(request.url ?? '');
    if (authority === null) return void socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    if (head.length > 0) socket.unshift(head);
    this.accept(socket, { host: authority.host, port: authority.port ?? 443 });
  }
}

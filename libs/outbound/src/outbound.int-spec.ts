import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Outbound, type OutboundOptions } from './outbound.js';

type Answer = (request: http.IncomingMessage, response: http.ServerResponse) => void;

/** A server on 127.0.0.1 that answers as the test says, and remembers what it was asked. */
class Peer {
  answer: Answer = (_request, response) => response.end('ok');
  readonly asked: http.IncomingMessage[] = [];
  private readonly server = http.createServer((request, response) => {
    this.asked.push(request);
    this.answer(request, response);
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  url(path = '/'): URL {
    return new URL(`http://127.0.0.1:${this.port}${path}`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

describe('outbound/outbound', () => {
  const peer = new Peer();
  const other = new Peer();
  const opened: Outbound[] = [];
  const open = (options: Partial<OutboundOptions> = {}): Outbound => {
    const allow = [`127.0.0.1:${peer.port}`, `127.0.0.1:${other.port}`];
    const outbound = new Outbound({ allow, userAgent: 'test', ...options });
    opened.push(outbound);
    return outbound;
  };

  beforeAll(async () => {
    await peer.start();
    await other.start();
  });
  afterEach(async () => {
    for (const outbound of opened.splice(0)) await outbound.close();
    for (const each of [peer, other]) {
      each.asked.length = 0;
      each.answer = (_request, response) => response.end('ok');
    }
  });
  afterAll(async () => {
    await peer.stop();
    await other.stop();
  });

  it('gets a document, uncompressed', async () => {
    const outbound = open();

    const response = await outbound.send({ url: peer.url() });

    expect((await outbound.read(response, 10)).toString()).toBe('ok');
    expect(peer.asked[0]?.headers).toMatchObject({ 'user-agent': 'test', 'accept-encoding': 'identity' });
  });

  it('gives a redirect back as it comes when it is told so', async () => {
    peer.answer = (_request, response) => response.writeHead(302, { location: other.url().href }).end('moved');
    const outbound = open();

    const response = await outbound.send({ url: peer.url('/a'), redirects: 'manual' });

    expect([response.status, response.headers['location']]).toEqual([302, other.url().href]);
    expect((await outbound.read(response, 10)).toString()).toBe('moved');
    expect(other.asked).toEqual([]);
  });

  it('sends a small body, and sends it nowhere else', async () => {
    let received = '';
    peer.answer = (request, response) => {
      request.on('data', (chunk: Buffer) => (received += chunk.toString()));
      request.on('end', () => response.writeHead(307, { location: other.url().href }).end());
    };
    const outbound = open();

    const response = await outbound.send({ url: peer.url(), method: 'POST', body: Buffer.from('question') });

    expect([response.status, received, peer.asked[0]?.method]).toEqual([307, 'question', 'POST']);
    expect(other.asked).toEqual([]);
    response.discard();
  });

  it('connects to nothing that is not permitted, by whatever name', async () => {
    const outbound = open({ allow: [], resolve: async () => ['127.0.0.1'] });

    for (const url of [peer.url(), new URL(`http://rebound.example.org:${peer.port}/`)]) {
      await expect(outbound.send({ url })).rejects.toMatchObject({ code: 'OUTBOUND_REFUSED' });
    }
    expect(peer.asked).toEqual([]);
  });

  it('looks at the addresses of a name again for each connection', async () => {
    const answers = [['127.0.0.1'], ['127.0.0.2']];
    peer.answer = (_request, response) => response.setHeader('Connection', 'close').end('ok');
    const outbound = open({ resolve: async () => answers.shift() ?? [] });
    const url = new URL(`http://rebound.example.org:${peer.port}/`);

    (await outbound.send({ url })).discard();

    await expect(outbound.send({ url })).rejects.toMatchObject({ code: 'OUTBOUND_REFUSED' });
    expect(peer.asked.length).toBe(1);
  });

  it('tries the next address of a name when one does not answer', async () => {
    const allow = ['127.0.0.0/8'];
    const outbound = open({ allow, resolve: async () => ['127.0.0.9', '127.0.0.1'] });

    const response = await outbound.send({ url: new URL(`http://two.example.org:${peer.port}/`) });

    expect(response.status).toBe(200);
    response.discard();
  });

  it('follows a redirect, and leaves the credentials behind when it leads elsewhere', async () => {
    peer.answer = (request, response) =>
      response.writeHead(307, { Location: request.url === '/' ? '/same' : other.url('/else').href }).end();
    const outbound = open();

    const response = await outbound.send({ url: peer.url(), headers: { authorization: 'Bearer x', accept: 'a/b' } });

    expect((await outbound.read(response, 10)).toString()).toBe('ok');
    expect(response.url.href).toBe(other.url('/else').href);
    expect(peer.asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer x', 'Bearer x']);
    expect(other.asked[0]?.headers.authorization).toBeUndefined();
    expect(other.asked[0]?.headers.accept).toBe('a/b');
  });

  it.each(['http://127.0.0.1:1/', 'http://169.254.169.254/latest/', 'file:///etc/passwd', 'http://[::1]/'])(
    'refuses a redirect to %s',
    async (location) => {
      peer.answer = (_request, response) => response.writeHead(302, { Location: location }).end();

      await expect(open().send({ url: peer.url() })).rejects.toMatchObject({ code: 'OUTBOUND_REFUSED' });
    },
  );

  it('gives up on a circle of redirects', async () => {
    peer.answer = (_request, response) => response.writeHead(302, { Location: '/again' }).end();

    await expect(open().send({ url: peer.url() })).rejects.toMatchObject({
      code: 'UPSTREAM_INVALID',
      detail: { reason: 'too-many-redirects' },
    });
    expect(peer.asked.length).toBe(6);
  });

  it('keeps the connection of an answer that nobody reads, and not of a large one', async () => {
    const outbound = open();
    const sockets: unknown[] = [];
    peer.answer = (request, response) => {
      sockets.push(request.socket);
      response.writeHead(404).end('x'.repeat(request.url === '/large' ? 1_000_000 : 1000));
    };
    const next = async (path: string): Promise<void> => {
      (await outbound.send({ url: peer.url(path) })).discard();
      await new Promise((resolve) => setImmediate(resolve));
    };

    await next('/');
    await next('/large');
    await next('/');

    expect(sockets[1] === sockets[0]).toBe(true);
    expect(sockets[2] === sockets[1]).toBe(false);
  });

  it('reads no more of a document than its limit', async () => {
    peer.answer = (_request, response) => response.end('x'.repeat(1000));
    const outbound = open();

    const response = await outbound.send({ url: peer.url() });

    await expect(outbound.read(response, 999)).rejects.toMatchObject({
      code: 'UPSTREAM_INVALID',
      detail: { reason: 'too-large' },
    });
  });

  it.each<[string, Answer, Partial<OutboundOptions>]>([
    ['never answers', () => {}, { timeouts: { headers: 100 } }],
    ['stops in the middle', (_, response) => response.write('half'), { timeouts: { body: 100 } }],
    ['breaks off', (_, response) => response.write('half', () => response.destroy()), {}],
    [
      'announces more than it sends',
      (_, response) => response.writeHead(200, { 'Content-Length': 9 }).end('half'),
      { timeouts: { body: 100 } },
    ],
    ['drips', drip, { pace: { bytes: 1000, milliseconds: 200 } }],
    ['drips a document', drip, { timeouts: { document: 200 } }],
  ])('takes a peer that %s for unavailable', async (_title, answer, options) => {
    peer.answer = answer;
    const outbound = open(options);

    const reading = outbound.send({ url: peer.url() }).then((response) => outbound.read(response, 1000));

    await expect(reading).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', isTemporary: true });
  });

  it('refuses what is no HTTP', async () => {
    peer.answer = (_request, response) => response.socket?.end('220 smtp.example.org\r\n');

    await expect(open().send({ url: peer.url() })).rejects.toMatchObject({ code: 'UPSTREAM_INVALID' });
  });

  it('ends with the reason of the signal, before and in the middle of an answer', async () => {
    peer.answer = (_request, response) => response.write('half');
    const outbound = open();
    const reason = new Error('cancelled');
    const controller = new AbortController();

    const response = await outbound.send({ url: peer.url(), signal: controller.signal });
    controller.abort(reason);

    await expect(outbound.read(response, 1000)).rejects.toBe(reason);
    await expect(outbound.send({ url: peer.url(), signal: controller.signal })).rejects.toBe(reason);
  });

  it('refuses a header that would be two', async () => {
    const headers = { authorization: 'Bearer a\r\nX-Other: b' };

    await expect(open().send({ url: peer.url(), headers })).rejects.toMatchObject({ code: 'UPSTREAM_INVALID' });
  });
});

describe('outbound/outbound over TLS', () => {
  const name = 'registry.example.org';
  let directory: string;
  let server: https.Server;
  let ca: string;
  let asked: (string | undefined)[];
  const opened: Outbound[] = [];
  const open = (options: Partial<OutboundOptions> = {}): Outbound => {
    const allow = ['127.0.0.0/8'];
    const outbound = new Outbound({ allow, userAgent: 'test', ca, resolve: async () => ['127.0.0.1'], ...options });
    opened.push(outbound);
    return outbound;
  };
  const url = (host = name): URL => new URL(`https://${host}:${(server.address() as AddressInfo).port}/`);

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'envarium-tls-'));
    const [keyFile, certFile] = [path.join(directory, 'key.pem'), path.join(directory, 'cert.pem')];
    const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
    const files = ['-keyout', keyFile, '-out', certFile];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    execFileSync('openssl', ['req', '-x509', ...kind, ...subject, ...files], { stdio: 'ignore' });
    ca = await readFile(certFile, 'utf8');
    server = https.createServer({ key: await readFile(keyFile), cert: ca }, (request, response) => {
      if (request.socket instanceof TLSSocket) asked.push(String(request.socket.servername));
      if (request.url === '/down') response.writeHead(302, { Location: `http://down.example.org:1/` }).end();
      else response.end('ok');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  beforeEach(() => {
    asked = [];
  });
  afterEach(async () => {
    for (const outbound of opened.splice(0)) await outbound.close();
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(directory, { recursive: true });
  });

  it('asks for the certificate of the name, although it connects to an address', async () => {
    const response = await open().send({ url: url() });

    expect(response.status).toBe(200);
    response.discard();
    expect(asked).toEqual([name]);
  });

  it.each([
    ['of another name', () => open(), 'other.example.org', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    [
      'of nobody that is trusted',
      () => new Outbound({ allow: ['127.0.0.1'], userAgent: 'test' }),
      '127.0.0.1',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
    ],
  ])('refuses a certificate %s', async (_title, create, host, reason) => {
    const outbound = create();
    opened.push(outbound);

    await expect(outbound.send({ url: url(host) })).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      detail: { reason },
    });
    expect(asked).toEqual([]);
  });

  it('is not led from https to http', async () => {
    const outbound = open({ allow: [`127.0.0.1:${(server.address() as AddressInfo).port}`] });

    await expect(outbound.send({ url: new URL('/down', url()) })).rejects.toMatchObject({
      code: 'OUTBOUND_REFUSED',
      detail: { reason: 'downgrade-to-http' },
    });
  });

  it('is led from https to http where the operator permits it', async () => {
    const allow = [`127.0.0.1`, 'down.example.org'];

    await expect(open({ allow }).send({ url: new URL('/down', url()) })).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      detail: { host: 'down.example.org:1', reason: 'ECONNREFUSED' },
    });
  });
});

function drip(_request: http.IncomingMessage, response: http.ServerResponse): void {
  const timer = setInterval(() => response.write('x'), 20);
  response.on('close', () => clearInterval(timer));
}

import { once } from 'node:events';
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Config } from './s3-bucket.js';

export type S3CallName =
  | 'HeadBucket'
  | 'CreateBucket'
  | 'ListObjectsV2'
  | 'ListMultipartUploads'
  | 'HeadObject'
  | 'GetObject'
  | 'PutObject'
  | 'CopyObject'
  | 'DeleteObject'
  | 'CreateMultipartUpload'
  | 'UploadPart'
  | 'UploadPartCopy'
  | 'CompleteMultipartUpload'
  | 'AbortMultipartUpload';

/** What goes wrong with one call. */
export type Fault =
  /** The service refuses, as S3 does, with XML; the call changes nothing. Without a code the answer has no body. */
  | { readonly kind: 'refuse'; readonly status: number; readonly code?: string }
  /** The connection ends after so many bytes of the request; the call changes nothing. */
  | { readonly kind: 'cut-up'; readonly after: number }
  /** The connection ends after so many bytes of the answer. */
  | { readonly kind: 'cut-down'; readonly after: number }
  /** The answer is that of an object which has so many bytes only. */
  | { readonly kind: 'shorten'; readonly to: number }
  /** The call is done, and nobody is told. */
  | { readonly kind: 'lose-answer' }
  | { readonly kind: 'delay'; readonly ms: number }
  /** Neither an answer nor an end. */
  | { readonly kind: 'hang' }
  /** So many bytes of the answer, then silence. */
  | { readonly kind: 'stall'; readonly after: number }
  /** What the same list said when it was asked for first. */
  | { readonly kind: 'stale' };

export interface FaultRule {
  readonly call: S3CallName;
  readonly key?: RegExp;
  readonly fault: Fault;
  /** The first call that is hit, counted from 1; default the next. */
  readonly from?: number;
  /** How many calls in a row are hit; default all. */
  readonly times?: number;
}

/** A proxy in front of a real S3 server that breaks calls by rule. Signatures stay valid, as the Host header is passed on. */
export class FaultyS3 {
  /** Every call that came, as `PutObject staging/id.json`. */
  readonly calls: string[] = [];
  /** The headers of each of them. */
  readonly headers: IncomingHttpHeaders[] = [];
  readonly #upstream: URL;
  readonly #rules: { rule: FaultRule; seen: number }[] = [];
  readonly #lists = new Map<string, { status: number; type: string; body: Buffer }>();
  readonly #server = createServer((request, response) => {
    // A client that gave up is part of the game.
    this.#answer(request, response).catch(() => response.destroy());
  });

  constructor(upstream: string) {
    this.#upstream = new URL(upstream);
  }

  async start(): Promise<void> {
    this.#server.keepAliveTimeout = 60_000;
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** The way through the proxy to what `config` names. */
  through(config: S3Config): S3Config {
    return { ...config, endpoint: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}` };
  }

  /** From now on these rules hold, and no others. */
  breaks(...rules: readonly FaultRule[]): void {
    this.#rules.splice(0, Infinity, ...rules.map((rule) => ({ rule, seen: 0 })));
    this.calls.length = 0;
    this.headers.length = 0;
  }

  heal(): void {
    this.breaks();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { call, key } = nameOf(request);
    this.headers.push(request.headers);
    this.calls.push(key === '' ? call : `${call} ${key}`);
    const fault = this.#faultOf(call, key);
    switch (fault?.kind) {
      case 'refuse':
        request.resume();
        await once(request, 'end');
        response.writeHead(fault.status, { 'content-type': 'application/xml' });
        response.end(fault.code === undefined ? '' : `<?xml version="1.0"?><Error><Code>${fault.code}</Code></Error>`);
        return;
      case 'cut-up':
        return await cutAfter(request, fault.after);
      case 'hang':
        request.resume();
        return;
      case 'delay':
        await sleep(fault.ms);
        break;
      case 'stale': {
        const known = this.#lists.get(request.url ?? '');
        if (known === undefined) break;
        response.writeHead(known.status, { 'content-type': known.type }).end(known.body);
        return;
      }
    }
    await this.#pass(request, response, fault);
  }

  #faultOf(call: S3CallName, key: string): Fault | null {
    for (const entry of this.#rules) {
      const { rule } = entry;
      if (rule.call !== call || rule.key?.test(key) === false) continue;
      entry.seen += 1;
      const first = rule.from ?? 1;
      if (entry.seen >= first && entry.seen < first + (rule.times ?? Infinity)) return rule.fault;
    }
    return null;
  }

  async #pass(request: IncomingMessage, response: ServerResponse, fault: Fault | null): Promise<void> {
    const upstream = httpRequest({
      host: this.#upstream.hostname,
      port: this.#upstream.port,
      method: request.method,
      path: request.url,
      headers: request.headers,
      agent: false,
    });
    request.pipe(upstream);
    const [answer] = (await once(upstream, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const status = answer.statusCode ?? 500;
    if (request.url?.includes('list-type=2') === true && !this.#lists.has(request.url)) {
      this.#lists.set(request.url, { status, type: 'application/xml', body });
    }
    if (fault?.kind === 'lose-answer') return void request.socket.destroy();
    const { 'transfer-encoding': _, ...headers } = answer.headers;
    if (request.method === 'HEAD') return void response.writeHead(status, headers).end();
    const length = fault?.kind === 'shorten' ? fault.to : body.length;
    response.writeHead(status, { ...headers, 'content-length': length });
    if (fault?.kind === 'cut-down' || fault?.kind === 'stall') {
      await new Promise((resolve) => response.write(body.subarray(0, fault.after), resolve));
      if (fault.kind === 'cut-down') request.socket.destroy();
      return;
    }
    response.end(body.subarray(0, length));
  }
}

async function cutAfter(request: IncomingMessage, limit: number): Promise<void> {
  let taken = 0;
  if (limit > 0) {
    for await (const chunk of request) {
      taken += (chunk as Buffer).length;
      if (taken >= limit) break;
    }
  }
  request.socket.destroy();
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html */
function nameOf({ method, url, headers }: IncomingMessage): { call: S3CallName; key: string } {
  const { pathname, searchParams: query } = new URL(url ?? '/', 'http://s3.example.org');
  const key = decodeURIComponent(pathname.split('/').slice(2).join('/'));
  const isCopy = headers['x-amz-copy-source'] !== undefined;
  const names: Readonly<Record<string, S3CallName>> =
    key === ''
      ? {
          HEAD: 'HeadBucket',
          PUT: 'CreateBucket',
          GET: query.has('uploads') ? 'ListMultipartUploads' : 'ListObjectsV2',
        }
      : {
          HEAD: 'HeadObject',
          GET: 'GetObject',
          DELETE: query.has('uploadId') ? 'AbortMultipartUpload' : 'DeleteObject',
          POST: query.has('uploads') ? 'CreateMultipartUpload' : 'CompleteMultipartUpload',
          PUT: query.has('partNumber')
            ? isCopy
              ? 'UploadPartCopy'
              : 'UploadPart'
            : isCopy
              ? 'CopyObject'
              : 'PutObject',
        };
  const call = names[method ?? ''];
  if (call === undefined) throw new Error(`no call of S3: ${method} ${url}`);
  return { call, key };
}

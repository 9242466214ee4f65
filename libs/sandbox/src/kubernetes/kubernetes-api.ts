import { readFile } from 'node:fs/promises';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ArchiveError } from '@envarium/errors';

export interface ApiAccess {
  /** `https://kubernetes.default.svc`; plain http only on loopback, as `kubectl proxy` listens. */
  readonly server: URL;
  /** PEM; null: the authorities that Node trusts. */
  readonly ca: string | null;
  /** Read for each request: tokens of a pod are replaced while it runs. Null: none is sent. */
  readonly token: (() => Promise<string>) | null;
  readonly timeouts?: Partial<Timeouts>;
}

interface Timeouts {
  /** Milliseconds for the head of an answer, and for any pause in the body of a document. */
  readonly answer: number;
  /** Milliseconds of silence after which a followed log or watch is taken for dead. */
  readonly silence: number;
  /** Milliseconds before the next try; doubled for each further one. */
  readonly retry: number;
}

interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
}

const TIMEOUTS: Timeouts = { answer: 30_000, silence: 10 * 60_000, retry: 1000 };
const TRIES = 4;
const MAX_DOCUMENT = 4 * 1024 * 1024;
const MAX_LINE = 1024 * 1024;
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** How a process in a pod reaches the cluster that it runs in. */
export async function inClusterAccess(directory = ACCOUNT): Promise<ApiAccess & { readonly namespace: string }> {
  const read = async (name: string): Promise<string> => (await readFile(path.join(directory, name), 'utf8')).trim();
  return {
    server: new URL('https://kubernetes.default.svc'),
    ca: await read('ca.crt'),
    token: async () => await read('token'),
    namespace: await read('namespace'),
  };
}

/** The few requests that jobs need. The address is the operator's, so no guard of outbound connections stands here. */
export class KubernetesApi {
  private readonly timeouts: Timeouts;

  /** @throws ArchiveError CONFIG_INVALID when the token would travel in the clear */
  constructor(private readonly access: ApiAccess) {
    const { protocol, hostname } = access.server;
    const isLoopback = ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
    if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback)) {
      throw new ArchiveError('CONFIG_INVALID', { problems: ['the address of the Kubernetes API must be https'] });
    }
    this.timeouts = { ...TIMEOUTS, ...access.timeouts };
  }

  /**
   * Tries again what is not there for the moment.
   * @returns status and document; null where there is nothing (404)
   * @throws ArchiveError EXECUTOR_UNAVAILABLE with status and reason; the reason of `signal`
   */
  async call(call: Call, signal: AbortSignal): Promise<unknown> {
    for (let tried = 1; ; tried++) {
      try {
        return await this.once(call, signal);
      } catch (error) {
        signal.throwIfAborted();
        const isTemporary = error instanceof ArchiveError && error.detail['isWorthATry'] === true;
        if (!isTemporary || tried === TRIES) throw error;
        await sleep(this.timeouts.retry * 2 ** (tried - 1), undefined, { signal }).catch(() => signal.throwIfAborted());
      }
    }
  }

  /** Lines of a log or a watch, as they come, until the other side ends it or it is cut. @throws as `call` */
  async *lines(path: string, signal: AbortSignal): AsyncGenerator<string, void, undefined> {
    const answer = await this.send({ method: 'GET', path }, signal, this.timeouts.silence);
    if (answer.statusCode !== 200) throw await refused(answer, { method: 'GET', path });
    let rest = '';
    answer.setEncoding('utf8');
    try {
      for await (const chunk of answer) {
        const lines = (rest + String(chunk)).split('\n');
        rest = (lines.pop() ?? '').slice(0, MAX_LINE);
        yield* lines;
      }
      if (rest !== '') yield rest;
    } catch (error) {
      signal.throwIfAborted();
      throw unreachable(error);
    } finally {
      answer.destroy();
    }
  }

  private async once(call: Call, signal: AbortSignal): Promise<unknown> {
    const answer = await this.send(call, signal, this.timeouts.answer);
    if (answer.statusCode === 404) {
      answer.resume();
      return null;
    }
    if ((answer.statusCode ?? 0) >= 300) throw await refused(answer, call);
    try {
      return JSON.parse(await documentOf(answer)) as unknown;
    } catch (error) {
      throw unreachable(error);
    }
  }

  private async send(call: Call, signal: AbortSignal, silence: number): Promise<IncomingMessage> {
    signal.throwIfAborted();
    const token = await this.access.token?.().catch((error: unknown) => Promise.reject(unreachable(error)));
    const url = new URL(call.path, this.access.server);
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    return await new Promise((resolve, reject) => {
      const request = send(url, {
        method: call.method,
        signal,
        timeout: silence,
        ...(this.access.ca !== null && { ca: this.access.ca }),
        headers: {
          accept: 'application/json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(call.body !== undefined && { 'content-type': call.contentType ?? 'application/json' }),
        },
      });
      const head = setTimeout(() => request.destroy(new Error('no answer in time')), this.timeouts.answer);
      request.on('timeout', () => request.destroy(new Error('silent for too long')));
      request.on('response', (answer) => {
        clearTimeout(head);
        resolve(answer);
      });
      request.on('error', (error) => {
        clearTimeout(head);
        reject(signal.aborted ? asError(signal.reason) : unreachable(error));
      });
      request.end(call.body === undefined ? undefined : JSON.stringify(call.body));
    });
  }
}

async function documentOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    if (size > MAX_DOCUMENT) throw new Error('the answer is too large');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The cluster's own words, which name what is missing: a right, a quota, a class. */
async function refused(answer: IncomingMessage, { method, path }: Call): Promise<ArchiveError> {
  const status = answer.statusCode ?? 0;
  const text = await documentOf(answer).catch(() => '');
  const said = /"message":"(?<message>(?:[^"\\]|\\.){1,400})/.exec(text)?.groups?.['message'];
  return new ArchiveError('EXECUTOR_UNAVAILABLE', {
    executor: 'kubernetes',
    request: `${method} ${path.split('?', 1)[0]}`,
    status,
    reason: said ?? `status ${status}`,
    isWorthATry: status === 429 || status >= 500,
  });
}

function unreachable(cause: unknown): ArchiveError {
  const reason = cause instanceof Error ? cause.message : 'the connection broke off';
  return new ArchiveError('EXECUTOR_UNAVAILABLE', { executor: 'kubernetes', reason, isWorthATry: true }, { cause });
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

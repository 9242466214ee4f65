import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { request } from 'undici';
import { EXIT } from '../exit-codes.js';
import { CommandFailed, ServerUnreachable } from '../failure.js';
import { readProblem } from './problem.js';

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the root of the server, with the query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | Readable;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Must be read to its end or destroyed, or the connection stays taken. */
  readonly body: Readable;
}

/** Answers may take their time (a publication reads all bytes back); a peer that is gone is noticed by its socket. */
const ANSWER_TIMEOUT = 300_000;

/** One server, one token. */
export class HttpClient {
  constructor(
    readonly serverUrl: string,
    private readonly token: string | null,
    private readonly userAgent: string,
  ) {}

  /**
   * Sends and gives the answer back whatever its status is.
   * @throws ServerUnreachable when there is none
   */
  async exchange(message: HttpRequest): Promise<HttpResponse> {
    const { method, path, headers, body } = message;
    try {
      const answer = await request(`${this.serverUrl}${path}`, {
        method,
        headers: {
          'user-agent': this.userAgent,
          ...(this.token !== null && { authorization: `Bearer ${this.token}` }),
          ...headers,
        },
        body: body ?? null,
        headersTimeout: ANSWER_TIMEOUT,
        bodyTimeout: ANSWER_TIMEOUT,
      });
      return { status: answer.statusCode, headers: answer.headers, body: answer.body };
    } catch (error) {
      throw this.asUnreachable(error);
    }
  }

  /**
   * The same for requests that should succeed.
   * @throws CommandFailed with what the server answered instead
   */
  async send(message: HttpRequest): Promise<HttpResponse> {
    const response = await this.exchange(message);
    if (response.status < 300) return response;
    const { location } = response.headers;
    if (response.status < 400 && location !== undefined) {
      response.body.destroy();
      throw this.redirected(location);
    }
    throw new CommandFailed(await readProblem(response, message));
  }

  /** Reads a body to its end. @throws ServerUnreachable when the connection breaks */
  async read(response: HttpResponse, limit: number): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of this.chunks(response)) {
      size += chunk.length;
      if (size > limit) {
        response.body.destroy();
        throw new CommandFailed({
          exitCode: EXIT.failure,
          code: 'ANSWER_TOO_LARGE',
          title: `the answer is larger than ${limit} bytes`,
          remedy: null,
          detail: {},
        });
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  async *chunks(response: HttpResponse): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const chunk of response.body) {
        if (chunk instanceof Uint8Array) yield chunk;
      }
    } catch (error) {
      throw this.asUnreachable(error);
    }
  }

  /** Errors that the body's own producer threw (a broken archive) are not the network's. */
  private asUnreachable(error: unknown): unknown {
    if (!(error instanceof Error)) return error;
    const reason = networkReason(error);
    return reason === null ? error : new ServerUnreachable(this.serverUrl, reason, { cause: error });
  }

  private redirected(location: string): CommandFailed {
    return new CommandFailed({
      exitCode: EXIT.failure,
      code: 'REDIRECTED',
      title: `${this.serverUrl} sends us on to ${location}`,
      remedy: 'Give that address with --server or ENVARIUM_URL; a token is not sent on by itself.',
      detail: {},
    });
  }
}

function networkReason(error: Error): string | null {
  // Several addresses of one host that all failed: the first one tells.
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return networkReason(error.errors[0]);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  if (code === null) return null;
  const isNetwork = /^(?:E(?:CONN|HOST|NET|AI_|PIPE|TIMEDOUT|NOTFOUND|PROTO)|UND_ERR_|HPE_|ERR_SSL|ERR_TLS)/.test(code);
  return isNetwork || /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code) ? code : null;
}

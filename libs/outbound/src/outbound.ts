import type { IncomingHttpHeaders } from 'node:http';
import { ArchiveError } from '@envarium/errors';
import { type Agent, type Dispatcher, request } from 'undici';
import { AllowList } from './allow-list.js';
import { Guard, refused, type ResolveName } from './guard.js';
import { createGuardedAgent, type Timeouts } from './guarded-agent.js';
import { outboundFailure } from './outbound-failure.js';

export interface OutboundOptions {
  /** What the operator permits beyond the public Internet; see `AllowList.parse`. */
  readonly allow: readonly string[];
  readonly userAgent: string;
  readonly timeouts?: Partial<Timeouts & { document: number }>;
  readonly pace?: Pace;
  readonly resolve?: ResolveName;
  /** The only authority whose certificates are trusted; default: those of Node, with NODE_EXTRA_CA_CERTS. */
  readonly ca?: string;
}

/** Slowest body that is taken: so many bytes in so many milliseconds, or the whole body. */
export interface Pace {
  readonly bytes: number;
  readonly milliseconds: number;
}

export interface OutboundRequest {
  readonly url: URL;
  /** `authorization` is dropped when a redirect leads to another origin. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Default: GET. */
  readonly method?: 'GET' | 'HEAD' | 'POST';
  /** Of a POST; small, and sent whole. */
  readonly body?: Uint8Array;
  /** `manual`: a redirect is an answer like others. A POST is never sent on to where its sender did not send it. */
  readonly redirects?: 'follow' | 'manual';
}

export interface OutboundResponse {
  /** Where the answer came from, after redirects. */
  readonly url: URL;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** To be read to its end, or left with `discard` or `end`. Fails as UPSTREAM_UNAVAILABLE when it breaks off or is too slow. */
  readonly body: AsyncIterable<Uint8Array>;
  /** For an answer whose body does not matter; the connection is kept where the rest is small. */
  discard(): void;
  /** Breaks the connection: the rest is worth nothing, or does not come. */
  end(): void;
}

const TIMEOUTS = { connect: 10_000, headers: 30_000, body: 30_000, document: 60_000 };
const PACE: Pace = { bytes: 32 * 1024, milliseconds: 60_000 };
const DISCARD_LIMIT = 64 * 1024;
const DISCARD_MS = 5000;
const MAX_REDIRECTS = 5;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/** The one way out: every request to another server goes through here. */
export class Outbound {
  private readonly guard: Guard;
  private readonly agent: Agent;
  private readonly timeouts: Timeouts & { readonly document: number };
  private readonly pace: Pace;
  private readonly userAgent: string;

  constructor(options: OutboundOptions) {
    this.guard = new Guard(AllowList.parse(options.allow), options.resolve);
    this.timeouts = { ...TIMEOUTS, ...options.timeouts };
    this.pace = options.pace ?? PACE;
    this.userAgent = options.userAgent;
    this.agent = createGuardedAgent(this.guard, this.timeouts, options.ca);
  }

  /** Refuses at once what would be refused without a look-up. @throws ArchiveError OUTBOUND_REFUSED */
  assertUrl(url: URL): void {
    this.guard.assertUrl(url);
  }

  /** True when the operator named this host: such a host may also be spoken to without TLS. */
  isAllowed(url: URL): boolean {
    return this.guard.isAllowed(url);
  }

  /**
   * Sends, follows redirects unless told otherwise, and gives the answer back whatever its status is.
   * @throws ArchiveError OUTBOUND_REFUSED, UPSTREAM_UNAVAILABLE, UPSTREAM_INVALID (too many redirects, or one that leads
   *   nowhere); the reason of `signal` when it is aborted
   */
  async send(message: OutboundRequest): Promise<OutboundResponse> {
    let { url } = message;
    let headers = { ...message.headers };
    const follows = message.redirects !== 'manual' && message.method !== 'POST';
    for (let redirects = 0; ; redirects++) {
      this.guard.assertUrl(url);
      const answer = await this.exchange(url, { ...message, headers });
      const isRedirect = follows && REDIRECTS.includes(answer.statusCode);
      const location = isRedirect ? textOf(answer.headers['location']) : undefined;
      if (location === undefined) return this.responseOf(url, answer, message.signal);
      void discard(answer);
      if (redirects === MAX_REDIRECTS) throw invalid(url, 'too-many-redirects');
      const next = this.redirected(url, location);
      if (next.origin !== url.origin) headers = withoutCredentials(headers);
      url = next;
    }
  }

  /**
   * Reads a small body whole, within the time for one document.
   * @throws ArchiveError UPSTREAM_INVALID when it is larger than `limit`; as `send`
   */
  async read(response: OutboundResponse, limit: number): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    const deadline = setTimeout(() => response.end(), this.timeouts.document);
    try {
      for await (const chunk of response.body) {
        size += chunk.length;
        if (size > limit)
          throw new ArchiveError('UPSTREAM_INVALID', { host: response.url.host, reason: 'too-large', limit });
        chunks.push(chunk);
      }
      return Buffer.concat(chunks);
    } finally {
      clearTimeout(deadline);
    }
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  private async exchange(url: URL, message: OutboundRequest): Promise<Dispatcher.ResponseData> {
    try {
      return await request(url, {
        dispatcher: this.agent,
        // Compression on the way would make other bytes of what a digest names.
        headers: { 'user-agent': this.userAgent, 'accept-encoding': 'identity', ...message.headers },
        ...(message.method !== undefined && { method: message.method }),
        ...(message.body !== undefined && { body: message.body }),
        ...(message.signal !== undefined && { signal: message.signal }),
      });
    } catch (error) {
      throw outboundFailure(error, url, message.signal);
    }
  }

  private redirected(from: URL, location: string): URL {
    const next = URL.canParse(location, from) ? new URL(location, from) : null;
    if (next === null) throw invalid(from, 'redirect-malformed');
    const isDowngrade = from.protocol === 'https:' && next.protocol === 'http:';
    if (isDowngrade && !this.guard.isAllowed(next)) throw refused(next.hostname, 'downgrade-to-http');
    return next;
  }

  private responseOf(url: URL, answer: Dispatcher.ResponseData, signal: AbortSignal | undefined): OutboundResponse {
    return {
      url,
      status: answer.statusCode,
      headers: answer.headers,
      body: paced(answer, url, this.pace, signal),
      discard: () => void discard(answer),
      end: () => end(answer),
    };
  }
}

/** The body, as long as it comes at a bearable pace: a byte now and then keeps every other clock from running out. */
async function* paced(
  answer: Dispatcher.ResponseData,
  url: URL,
  pace: Pace,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  let received = 0;
  let isTooSlow = false;
  // Time that the reader takes is not the sender's fault: what waits to be read counts as received.
  const clock = setInterval(() => {
    isTooSlow = received + answer.body.readableLength < pace.bytes;
    received = 0;
    if (isTooSlow) answer.body.destroy(new Error('the body comes too slowly'));
  }, pace.milliseconds);
  try {
    for await (const chunk of answer.body) {
      if (!(chunk instanceof Uint8Array)) continue;
      received += chunk.length;
      yield chunk;
    }
  } catch (error) {
    if (isTooSlow)
      throw new ArchiveError('UPSTREAM_UNAVAILABLE', { host: url.host, reason: 'too-slow' }, { cause: error });
    throw outboundFailure(error, url, signal);
  } finally {
    clearInterval(clock);
    end(answer);
  }
}

/** What is left to read is read to nowhere, if it is small: a new connection costs more. */
async function discard({ body }: Dispatcher.ResponseData): Promise<void> {
  await body.dump({ limit: DISCARD_LIMIT, signal: AbortSignal.timeout(DISCARD_MS) }).catch(() => {});
}

function end({ body }: Dispatcher.ResponseData): void {
  // Errors of a body that nobody reads any more are nobody's.
  body.on('error', () => {});
  body.destroy();
}

function withoutCredentials(headers: Readonly<Record<string, string>>): Record<string, string> {
  const secret = ['authorization', 'cookie', 'proxy-authorization'];
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !secret.includes(name.toLowerCase())));
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

function invalid(url: URL, reason: string): ArchiveError {
  return new ArchiveError('UPSTREAM_INVALID', { host: url.host, reason });
}

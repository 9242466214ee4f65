import { setMaxListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { ArchiveError } from '@envarium/errors';
import { type ContentClaim, parseDigest, verifyContent } from '@envarium/oci';
import type { Outbound } from '@envarium/outbound';
import type { Exchange } from '@envarium/schema';
import { Answers } from './answers.js';
import { readQuestion } from './asked.js';
import { fetchMissing } from './assistance.js';
import { type ByteRange, cut, parseRange } from './byte-range.js';
import type { ExchangeStore } from './exchange-store.js';
import type { Damage, Miss, ReplayCounts } from './replay-counts.js';
import { answerText, listenOn } from './socket-server.js';

export interface ReplayOptions {
  /** Unix socket that the stand-in passes requests on to. */
  readonly socket: string;
  readonly exchanges: readonly Exchange[];
  readonly store: ExchangeStore;
  /** Bodies that are missing here are fetched from where they came from, and taken when their digest is right. */
  readonly assistance?: Assistance;
  readonly signal: AbortSignal;
}

export interface Assistance {
  readonly outbound: Outbound;
  readonly requestMs: number;
}

export interface Replay {
  counts(): ReplayCounts;
  stop(): Promise<ReplayCounts>;
}

const MAX_LISTED = 1000;
const SETTLE_MS = 2000;

/** Answers the stand-in from a closure, and from nothing else. Every body is checked against its digest as it is sent. */
export async function startReplay(options: ReplayOptions): Promise<Replay> {
  // One for each answer under way, and apt alone asks for ten things at once: that is no leak.
  setMaxListeners(0, options.signal);
  const session = new ReplaySession(options);
  const server = await listenOn(options.socket, async (request, response) => session.answer(request, response));
  return {
    counts: () => session.counts(),
    stop: async () => {
      await session.settle();
      await server.close();
      return session.counts();
    },
  };
}

class ReplaySession {
  private readonly answers: Answers;
  private readonly verified = new Set<string>();
  private readonly misses = new Map<string, Miss>();
  private readonly damaged = new Map<string, Damage>();
  private readonly fetched = new Map<string, { url: string; digest: string }>();
  private readonly fetching = new Map<string, Promise<boolean>>();
  private readonly underWay = new Set<Promise<void>>();
  private hits = 0;

  constructor(private readonly options: ReplayOptions) {
    this.answers = new Answers(options.exchanges);
  }

  counts(): ReplayCounts {
    return {
      hits: this.hits,
      misses: [...this.misses.values()],
      damaged: [...this.damaged.values()],
      fetched: [...this.fetched.values()],
    };
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const work = this.respond(request, response);
    this.underWay.add(work);
    try {
      await work;
    } finally {
      this.underWay.delete(work);
    }
  }

  /** The last answer may be with the program already, and not be counted yet. */
  async settle(): Promise<void> {
    let clock: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => (clock = setTimeout(resolve, SETTLE_MS)));
    await Promise.race([Promise.allSettled(this.underWay), enough]);
    clearTimeout(clock);
  }

  private async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = await readQuestion(request);
    if (asked.kind === 'refused') {
      this.miss(request.method ?? '', asked.url, asked.text);
      return answerText(response, asked.status, `${asked.url}: ${asked.text}`);
    }
    const { question } = asked;
    const exchange = this.answers.find(question);
    if (exchange === null) {
      this.miss(question.method, question.url, null);
      return answerText(response, 504, `${question.method} ${question.url} was not recorded`);
    }
    if (exchange.digest === null || question.method === 'HEAD') return this.sendHead(exchange, response);
    const claim = { digest: parseDigest(exchange.digest), size: exchange.size };
    const isAtHand = await this.isAtHand(exchange, claim).catch(() => null);
    if (isAtHand === null) {
      // The store failed: that is not in the closure's favour either.
      if (!this.options.signal.aborted) this.damage(exchange, 'unreadable');
      return void response.destroy();
    }
    if (!isAtHand) {
      this.damage(exchange, 'missing');
      return answerText(response, 504, `${exchange.url} was recorded, but its bytes ${claim.digest} are missing`);
    }
    await this.sendBody(exchange, claim, request, response);
  }

  private sendHead(exchange: Exchange, response: ServerResponse): void {
    this.hits++;
    const hasNoBody = exchange.status === 204 || exchange.status === 304 || exchange.status < 200;
    const length = exchange.method === 'HEAD' || hasNoBody ? {} : { 'content-length': exchange.size };
    response.writeHead(exchange.status, { ...exchange.headers, ...length }).end();
  }

  private async sendBody(
    exchange: Exchange,
    claim: ContentClaim,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const isWhole = exchange.status === 200 && exchange.method === 'GET';
    const range = isWhole ? parseRange(request.headers.range, claim.size) : null;
    if (range === 'unsatisfiable') {
      this.hits++;
      return void response.writeHead(416, { 'content-range': `bytes */${claim.size}`, 'content-length': 0 }).end();
    }
    try {
      // A part cannot be checked by itself: the whole is, before the part is sent.
      if (range !== null) await this.verify(claim);
      response.writeHead(range === null ? exchange.status : 206, {
        ...exchange.headers,
        ...(isWhole && { 'accept-ranges': 'bytes' }),
        ...lengthOf(range, claim.size),
      });
      const content = verifyContent(this.options.store.open(claim.digest), claim);
      await pipeline(range === null ? content : cut(content, range), response, { signal: this.options.signal });
      this.hits++;
    } catch (error) {
      // What was wrong is broken off, with its last bytes held back: nobody can take it for the whole.
      response.destroy();
      const reason = damageOf(error);
      if (reason !== null) this.damage(exchange, reason);
    }
  }

  private async verify(claim: ContentClaim): Promise<void> {
    if (this.verified.has(claim.digest)) return;
    for await (const chunk of verifyContent(this.options.store.open(claim.digest), claim)) void chunk;
    this.verified.add(claim.digest);
  }

  private async isAtHand(exchange: Exchange, claim: ContentClaim): Promise<boolean> {
    if (await this.options.store.has(claim.digest)) return true;
    const { assistance, store, signal } = this.options;
    if (assistance === undefined || exchange.method !== 'GET' || exchange.status !== 200) return false;
    // Two programs that want the same at once wait for one fetch.
    const running =
      this.fetching.get(claim.digest) ?? fetchMissing({ url: exchange.url, claim, store, ...assistance, signal });
    this.fetching.set(claim.digest, running);
    try {
      const isRight = await running;
      if (isRight) this.fetched.set(claim.digest, { url: exchange.url, digest: claim.digest });
      return isRight;
    } finally {
      this.fetching.delete(claim.digest);
    }
  }

  private miss(method: string, url: string, refusal: string | null): void {
    const key = `${method} ${url}`;
    const count = (this.misses.get(key)?.count ?? 0) + 1;
    if (count > 1 || this.misses.size < MAX_LISTED) this.misses.set(key, { method, url, count, refusal });
  }

  private damage({ url, digest }: Exchange, reason: Damage['reason']): void {
    if (digest !== null && this.damaged.size < MAX_LISTED)
      this.damaged.set(`${url} ${digest}`, { url, digest, reason });
  }
}

function lengthOf(range: ByteRange | null, size: number): Record<string, string | number> {
  if (range === null) return { 'content-length': size };
  return {
    'content-length': range.end - range.start + 1,
    'content-range': `bytes ${range.start}-${range.end}/${size}`,
  };
}

/** Null: the program inside went away, or the rebuild was ended. */
function damageOf(error: unknown): Damage['reason'] | null {
  if (error instanceof ArchiveError) {
    if (error.code === 'BLOB_UNKNOWN') return 'missing';
    return error.code === 'DIGEST_INVALID' || error.code === 'SIZE_INVALID' || error.code === 'BLOB_CORRUPT'
      ? 'wrong'
      : 'unreadable';
  }
  const code = error instanceof Error && 'code' in error ? error.code : null;
  const isOurEnd = error instanceof Error && error.name === 'AbortError';
  return isOurEnd || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'EPIPE' || code === 'ECONNRESET'
    ? null
    : 'unreadable';
}

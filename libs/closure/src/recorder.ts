import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ArchiveError } from '@envarium/errors';
import type { Outbound, OutboundResponse } from '@envarium/outbound';
import type { Exchange } from '@envarium/schema';
import { readQuestion, type RefusalCode } from './asked.js';
import { type Question, variesBy } from './exchange-key.js';
import { ExchangeLog } from './exchange-log.js';
import type { ExchangeStore } from './exchange-store.js';
import { Allowance, type Excess, type RecordLimits } from './record-limits.js';
import { keptHeaders } from './response-hygiene.js';
import { answerText, listenOn } from './socket-server.js';

export interface RecorderOptions {
  /** Unix socket that the stand-in passes requests on to. */
  readonly socket: string;
  readonly store: ExchangeStore;
  readonly outbound: Outbound;
  readonly limits: RecordLimits;
  readonly onProgress?: (progress: RecordProgress) => void;
  /** Ends everything that is under way. */
  readonly signal: AbortSignal;
}

export interface RecordProgress {
  readonly exchanges: number;
  readonly bytes: number;
  readonly url: string;
}

/** Something that did not go into the closure, or that went in with a doubt. */
export interface RecordNote {
  readonly code: RefusalCode | 'refused-address' | 'unreachable' | 'interrupted' | 'changed-while-recorded';
  readonly url: string;
  readonly message: string;
}

export interface Recording {
  readonly exchanges: readonly Exchange[];
  /** Bytes of all bodies, each counted once. */
  readonly contentSize: number;
  readonly notes: readonly RecordNote[];
  /** Not null: the closure lacks what was over the limit, and must not be kept. */
  readonly excess: Excess | null;
}

export interface Recorder {
  /** What there is so far. */
  progress(): RecordProgress;
  /**
   * Waits for what is under way, and closes.
   * @throws ArchiveError of the store, when a body could not be kept
   */
  stop(): Promise<Recording>;
}

/** A program that asks the same in a loop says nothing new. */
const MAX_NOTES = 1000;
/** After the build has ended nobody reads on, but what was begun may still be wanted the next time. */
const SETTLE_MS = 30_000;

/**
 * Answers the stand-in of a build that is being recorded: every request goes out through the guard of `outbound`, and the
 * answer to the program and into the store at once. A body counts when all of it has been kept.
 */
export async function startRecorder(options: RecorderOptions): Promise<Recorder> {
  const session = new RecordingSession(options);
  const server = await listenOn(options.socket, async (request, response) => session.answer(request, response));
  return {
    progress: () => session.progress(''),
    stop: async () => {
      await session.settle();
      await server.close();
      return session.recording();
    },
  };
}

class RecordingSession {
  private readonly log = new ExchangeLog();
  private readonly notes = new Map<string, RecordNote>();
  private readonly allowance: Allowance;
  private readonly underWay = new Set<Promise<void>>();
  private readonly ending = new AbortController();
  private failure: unknown = null;

  constructor(private readonly options: RecorderOptions) {
    this.allowance = new Allowance(options.limits);
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const work = this.exchange(request, response);
    this.underWay.add(work);
    try {
      await work;
    } finally {
      this.underWay.delete(work);
    }
  }

  progress(url: string): RecordProgress {
    return { exchanges: this.log.size, bytes: this.allowance.contentSize, url };
  }

  async settle(): Promise<void> {
    const clock = setTimeout(() => this.ending.abort(new Error('the build has ended')), SETTLE_MS);
    await Promise.allSettled(this.underWay);
    clearTimeout(clock);
  }

  recording(): Recording {
    if (this.failure !== null) throw this.failure;
    return {
      exchanges: this.log.exchanges(),
      contentSize: this.allowance.contentSize,
      notes: [...this.notes.values()],
      excess: this.allowance.excess,
    };
  }

  private async exchange(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const order = this.log.ask();
    const asked = await readQuestion(request);
    if (asked.kind === 'refused') {
      this.note(asked.code, asked.url, asked.text);
      return answerText(response, asked.status, `${asked.url}: ${asked.text}`);
    }
    const { question, body } = asked;
    // What is under way counts too, but for this one.
    if (!this.allowance.admits(this.log.size + this.underWay.size - 1, question.url)) {
      return answerText(response, 507, `${question.url}: the closure holds as many exchanges as it may`);
    }
    const signal = AbortSignal.any([
      this.options.signal,
      this.ending.signal,
      AbortSignal.timeout(this.options.limits.requestMs),
    ]);
    try {
      const answer = await this.send(question, request, body, signal);
      await this.take(question, order, answer, response);
    } catch (error) {
      this.fail(error, question.url, response);
    }
  }

  /** What is not sent on cannot change the answer: ranges, conditions, encodings, and every header that is not named here. */
  private async send(
    question: Question,
    request: IncomingMessage,
    body: Buffer | null,
    signal: AbortSignal,
  ): Promise<OutboundResponse> {
    const contentType = request.headers['content-type'];
    return this.options.outbound.send({
      url: new URL(question.url),
      method: question.method,
      headers: {
        ...question.request,
        ...(body !== null && contentType !== undefined && { 'content-type': contentType }),
      },
      ...(body !== null && { body }),
      redirects: 'manual',
      signal,
    });
  }

  private async take(
    question: Question,
    order: number,
    answer: OutboundResponse,
    response: ServerResponse,
  ): Promise<void> {
    const headers = keptHeaders(answer.headers);
    const length = answer.headers['content-length'];
    if (question.method === 'HEAD' && typeof length === 'string') headers['content-length'] = length;
    response.writeHead(answer.status, { ...headers, ...(typeof length === 'string' && { 'content-length': length }) });
    const { digest, size } = await this.keep(question.url, answer.body, response);
    if (digest !== null) this.allowance.keep(digest, size);
    const vary = answer.headers.vary;
    const standing = this.log.add(question, { status: answer.status, headers, digest, size }, variesBy(vary), order);
    if (standing === 'changed') {
      this.note('changed-while-recorded', question.url, 'the address answered two ways; the later answer is kept');
    }
    this.options.onProgress?.(this.progress(question.url));
    response.end();
  }

  /** To the program and to the store at once, at the pace of the slower one. Goes on when the program has left. */
  private async keep(
    url: string,
    body: AsyncIterable<Uint8Array>,
    response: ServerResponse,
  ): Promise<{ digest: string | null; size: number }> {
    const meter = this.allowance.meter(url);
    const chunks = passing(body, response, (size) => {
      if (!meter.take(size)) throw new ArchiveError('CLOSURE_TOO_LARGE', { url });
    });
    try {
      const first = await chunks.next();
      if (first.done === true) return { digest: null, size: 0 };
      return await this.options.store.put(prepended(first.value, chunks));
    } finally {
      meter.end();
    }
  }

  private fail(error: unknown, url: string, response: ServerResponse): void {
    if (this.options.signal.aborted) return void response.destroy();
    const [code, message] = failureOf(error);
    if (code === null) this.failure ??= error;
    else this.note(code, url, message);
    // Where part of the answer is out already, the connection breaks: a short body must not look whole.
    answerText(response, code === 'refused-address' ? 403 : 502, `${url}: ${message}`);
  }

  private note(code: RecordNote['code'], url: string, message: string): void {
    if (this.notes.size < MAX_NOTES) this.notes.set(`${code} ${url}`, { code, url, message });
  }
}

/** Null: it was not the fault of the other server. */
function failureOf(error: unknown): [RecordNote['code'] | null, string] {
  if (error instanceof ArchiveError) {
    const reason = typeof error.detail['reason'] === 'string' ? error.detail['reason'] : '';
    if (error.code === 'OUTBOUND_REFUSED') return ['refused-address', `this address is not asked (${reason})`];
    if (error.code === 'UPSTREAM_UNAVAILABLE' || error.code === 'UPSTREAM_INVALID') {
      return ['unreachable', `the server cannot be reached, or breaks off (${reason})`];
    }
    if (error.code === 'CLOSURE_TOO_LARGE') return ['interrupted', 'the closure would be larger than it may be'];
    return [null, 'the answer could not be kept'];
  }
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return ['interrupted', 'the answer takes longer than it may'];
  }
  if (error instanceof Error && error.message === 'the build has ended') return ['interrupted', error.message];
  return [null, 'the answer could not be kept'];
}

async function* passing(
  body: AsyncIterable<Uint8Array>,
  response: ServerResponse,
  take: (size: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of body) {
    take(chunk.length);
    if (!response.destroyed && !response.write(chunk)) await drained(response);
    yield chunk;
  }
}

async function drained(response: ServerResponse): Promise<void> {
  const over = new AbortController();
  try {
    await Promise.race([
      once(response, 'drain', { signal: over.signal }),
      once(response, 'close', { signal: over.signal }),
    ]);
  } finally {
    over.abort();
  }
}

async function* prepended(
  first: Uint8Array,
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield first;
  yield* rest;
}

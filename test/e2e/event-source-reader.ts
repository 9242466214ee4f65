import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface ReceivedEvent {
  readonly event: string;
  readonly id: string | null;
  /** Parsed. */
  // oxlint-disable-next-line typescript/no-explicit-any -- the tests look into it with literals
  readonly data: any;
}

interface Asked {
  readonly token: string | null;
  readonly method?: 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  /** Makes it a POST of JSON. */
  readonly body?: object;
}

/** One request over a connection of its own, so that no pool of a client keeps a server from stopping. */
export async function openStream(url: string, { token, method, headers, body }: Asked): Promise<IncomingMessage> {
  return await new Promise((resolve, reject) => {
    request(url, {
      agent: false,
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        ...headers,
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
    })
      .once('response', resolve)
      .once('error', reject)
      .end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Reads server-sent events as an EventSource does, with a token. */
export class EventSourceReader {
  readonly all: ReceivedEvent[] = [];
  private readonly chunks: AsyncIterator<Buffer>;
  private readonly decoder = new TextDecoder();
  private received = '';

  private constructor(private readonly answer: IncomingMessage) {
    this.chunks = answer[Symbol.asyncIterator]();
  }

  /** @throws Error with what was answered instead of events */
  static async open(url: string, asked: Asked): Promise<EventSourceReader> {
    const answer = await openStream(url, { ...asked, headers: { accept: 'text/event-stream', ...asked.headers } });
    if (answer.headers['content-type']?.startsWith('text/event-stream') === true) return new EventSourceReader(answer);
    throw new Error(`${url} answered ${answer.statusCode}: ${await text(answer)}`);
  }

  get headers(): IncomingMessage['headers'] {
    return this.answer.headers;
  }

  /** Everything up to the event that is wanted. */
  async until(isWanted: (event: ReceivedEvent) => boolean): Promise<ReceivedEvent[]> {
    const seen: ReceivedEvent[] = [];
    for (;;) {
      const event = await this.next();
      if (event === null) throw new Error(`the stream ended after ${JSON.stringify(seen)}`);
      seen.push(event);
      if (isWanted(event)) return seen;
    }
  }

  async isOver(): Promise<boolean> {
    return (await this.next()) === null;
  }

  close(): void {
    this.answer.destroy();
  }

  private async next(): Promise<ReceivedEvent | null> {
    for (;;) {
      const end = this.received.indexOf('\n\n');
      if (end === -1) {
        const { done, value } = await this.chunks.next();
        if (done === true) return null;
        this.received += this.decoder.decode(value, { stream: true });
        continue;
      }
      const lines = this.received.slice(0, end).split('\n');
      this.received = this.received.slice(end + 2);
      const field = (name: string): string | null =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? null;
      const data = field('data');
      if (data === null || data === '') continue;
      const event = { event: field('event') ?? 'message', id: field('id'), data: JSON.parse(data) as unknown };
      this.all.push(event);
      return event;
    }
  }
}

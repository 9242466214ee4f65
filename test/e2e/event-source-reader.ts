export interface ReceivedEvent {
  readonly event: string;
  readonly id: string | null;
  /** Parsed. */
  // oxlint-disable-next-line typescript/no-explicit-any -- the tests look into it with literals
  readonly data: any;
}

/** Reads server-sent events as an EventSource does, with a token. */
export class EventSourceReader {
  readonly all: ReceivedEvent[] = [];
  private text = '';
  private readonly decoder = new TextDecoder();

  private constructor(
    readonly headers: Headers,
    private readonly reader: ReadableStreamDefaultReader<Uint8Array>,
  ) {}

  static async open(url: string, token: string | null, lastEventId?: string): Promise<EventSourceReader> {
    const headers = {
      accept: 'text/event-stream',
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    };
    const answer = await fetch(url, { headers });
    if (answer.status !== 200 || answer.body === null) {
      await answer.body?.cancel();
      throw new Error(`${url} answered ${answer.status}`);
    }
    return EventSourceReader.of(answer);
  }

  static of({ headers, body }: Response): EventSourceReader {
    if (body === null) throw new Error('an answer without a body');
    return new EventSourceReader(headers, body.getReader());
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

  async close(): Promise<void> {
    await this.reader.cancel();
  }

  private async next(): Promise<ReceivedEvent | null> {
    for (;;) {
      const end = this.text.indexOf('\n\n');
      if (end === -1) {
        const { done, value } = await this.reader.read();
        if (done) return null;
        this.text += this.decoder.decode(value, { stream: true });
        continue;
      }
      const lines = this.text.slice(0, end).split('\n');
      this.text = this.text.slice(end + 2);
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

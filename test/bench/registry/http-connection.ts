import { once } from 'node:events';
import net from 'node:net';

export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

const END_OF_HEAD = Buffer.from('\r\n\r\n');

/**
 * One keep-alive connection with one request at a time. Costs a fraction of Node's own client, so that what is measured
 * is the server. It knows bodies of announced length only.
 */
export class HttpConnection {
  private waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | null = null;
  private chunks: Buffer[] = [];
  private length = 0;
  private head: { status: number; headers: Map<string, string>; end: number; size: number } | null = null;

  private constructor(
    private readonly socket: net.Socket,
    private readonly host: string,
    private readonly headers: Readonly<Record<string, string>>,
  ) {
    socket.on('data', (chunk: Buffer) => this.take(chunk));
    socket.on('error', (error) => this.waiting?.reject(error));
    socket.on('close', () => this.waiting?.reject(new Error(`${host} closed the connection`)));
  }

  /** @param headers sent with every request */
  static async open(url: string, headers: Readonly<Record<string, string>>): Promise<HttpConnection> {
    const { hostname, port, host } = new URL(url);
    const socket = net.connect({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, 'connect');
    return new HttpConnection(socket, host, headers);
  }

  /** @param target path and query, or an absolute URL of the same server */
  async request(method: string, target: string, headers: Record<string, string> = {}, body?: Buffer): Promise<Answer> {
    const url = new URL(target, `http://${this.host}`);
    const fields = Object.entries({ ...this.headers, ...headers, 'Content-Length': String(body?.length ?? 0) });
    const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const answered = new Promise<Answer>((resolve, reject) => {
      this.waiting = { resolve, reject };
    });
    this.socket.write(`${method} ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${this.host}\r\n${lines}\r\n`);
    if (body !== undefined) this.socket.write(body);
    return await answered;
  }

  close(): void {
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.length += chunk.length;
    this.head ??= this.parseHead();
    const { head } = this;
    if (head === null || this.length < head.end + head.size) return;
    const body = Buffer.concat(this.chunks).subarray(head.end);
    const { waiting } = this;
    [this.chunks, this.length, this.head, this.waiting] = [[], 0, null, null];
    waiting?.resolve({ status: head.status, headers: head.headers, body });
  }

  private parseHead(): NonNullable<HttpConnection['head']> | null {
    const bytes = Buffer.concat(this.chunks);
    this.chunks = [bytes];
    const end = bytes.indexOf(END_OF_HEAD);
    if (end === -1) return null;
    const [statusLine = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
    const headers = new Map(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
      }),
    );
    const status = Number(statusLine.split(' ')[1]);
    const size = Number(headers.get('content-length') ?? (status === 204 ? 0 : Number.NaN));
    if (Number.isNaN(size)) this.waiting?.reject(new Error(`${this.host} does not say how long its answer is`));
    return { status, headers, end: end + END_OF_HEAD.length, size };
  }
}

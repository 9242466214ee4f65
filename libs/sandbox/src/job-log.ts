import type { EventSink } from './executor.js';

const LINE_MAX = 16 << 10;
// Control sequences of terminals (ECMA-48), and what is left of the control characters but the tab.
const TERMINAL =
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[ -/]*[0-~])|[\u0000-\u0008\u000A-\u001F\u007F-\u009F]/g;

/** What a program prints, as lines that can be shown to anybody. */
export class JobLog {
  private readonly open: Record<'stdout' | 'stderr', Uint8Array> = {
    stdout: new Uint8Array(),
    stderr: new Uint8Array(),
  };
  private received = 0;

  constructor(
    private readonly sink: EventSink,
    private readonly maxBytes: number,
  ) {}

  get isTooLong(): boolean {
    return this.received > this.maxBytes;
  }

  write(stream: 'stdout' | 'stderr', chunk: Uint8Array): void {
    const room = this.maxBytes - this.received;
    this.received += chunk.length;
    if (room <= 0) return;
    let rest = Buffer.concat([this.open[stream], chunk.subarray(0, room)]);
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
      this.line(stream, rest.subarray(0, end));
      rest = rest.subarray(end + 1);
    }
    // The start of a long line is kept, and a little more, so that it is seen to have been cut.
    this.open[stream] = Uint8Array.from(rest.subarray(0, LINE_MAX + 1));
  }

  end(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      if (this.open[stream].length > 0) this.line(stream, this.open[stream]);
      this.open[stream] = new Uint8Array();
    }
  }

  private line(stream: 'stdout' | 'stderr', bytes: Uint8Array): void {
    const isCut = bytes.length > LINE_MAX;
    this.sink.line(stream, `${printable(bytes.subarray(0, LINE_MAX))}${isCut ? ' […]' : ''}`);
  }
}

/** Of a line that was written over and over, as progress is shown, what stands there in the end. */
function printable(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes).replace(/\r+$/, '');
  return text.slice(text.lastIndexOf('\r') + 1).replace(TERMINAL, '');
}

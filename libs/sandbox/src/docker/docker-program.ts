import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import type { EndedBy, EventSink } from '../executor.js';

export interface ProgramEnd {
  readonly exitCode: number | null;
  readonly endedBy: EndedBy;
  readonly wallMs: number;
}

export interface ProgramLimits {
  readonly wallSeconds: number;
  readonly logBytes: number;
}

const LINE_MAX = 16 * 1024;

/** Runs the command-line program of docker, with nothing of ours in its environment, and ends it when its time is over. */
export class DockerProgram {
  /** @param program found on the PATH when it is no path; @param home private and empty: no logins, no contexts. */
  constructor(
    private readonly program: string,
    private readonly home: string,
    private readonly host: string | null,
  ) {}

  async run(
    parameters: readonly string[],
    limits: ProgramLimits,
    sink: EventSink,
    signal: AbortSignal,
    input?: Readable,
  ): Promise<ProgramEnd> {
    signal.throwIfAborted();
    const began = Date.now();
    const path =
      process.platform === 'linux' ? '/usr/local/bin:/usr/bin:/bin' : '/usr/local/bin:/opt/homebrew/bin:/usr/bin:/bin';
    const child = spawn(this.program, [...parameters], {
      // A group of its own: what the program started goes with it.
      detached: true,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: {
        PATH: path,
        HOME: this.home,
        DOCKER_CONFIG: this.home,
        ...(this.host !== null && { DOCKER_HOST: this.host }),
      },
    });
    let endedBy: EndedBy = 'itself';
    const end = (why: EndedBy): void => {
      if (endedBy === 'itself') endedBy = why;
      if (child.pid !== undefined) killGroup(child.pid);
    };
    const clock = setTimeout(() => end('wall'), limits.wallSeconds * 1000);
    const cancel = (): void => end('cancelled');
    signal.addEventListener('abort', cancel, { once: true });
    const outputs: { readonly passed: PassThrough; readonly isRead: Promise<unknown> }[] = [];
    let left = limits.logBytes;
    for (const stream of ['stdout', 'stderr'] as const) {
      // What passes is counted before anything waits for the end of its line.
      const passed = new PassThrough();
      (child[stream] as Readable).on('data', (chunk: Buffer) => {
        left -= chunk.length;
        if (left < 0) end('log');
        else passed.write(chunk);
      });
      const lines = createInterface({ input: passed });
      lines.on('line', (line) => sink.line(stream, line.slice(0, LINE_MAX)));
      outputs.push({ passed, isRead: once(lines, 'close') });
    }
    if (input !== undefined && child.stdin !== null) {
      // A program that does not read to the end says why by its exit code.
      child.stdin.on('error', () => {});
      input.pipe(child.stdin);
    }
    try {
      const exitCode = await new Promise<number | null>((resolve, reject) => {
        child.on('error', reject);
        child.on('close', (code) => resolve(code));
      });
      for (const { passed } of outputs) passed.end();
      await Promise.all(outputs.map(({ isRead }) => isRead));
      return { exitCode, endedBy, wallMs: Date.now() - began };
    } finally {
      clearTimeout(clock);
      signal.removeEventListener('abort', cancel);
    }
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const MAIN = path.resolve(import.meta.dirname, '../../dist/apps/server/src/main.js');
const START_MS = 30_000;

/** One server in a process of its own, as built in dist/, that can be killed. */
export class ServerProcess {
  private constructor(
    private readonly child: ChildProcess,
    /** As in `127.0.0.1:41234`. */
    readonly host: string,
  ) {}

  static async start(variables: Readonly<Record<string, string>>): Promise<ServerProcess> {
    const child = fork(MAIN, {
      env: { PATH: process.env['PATH'], ...variables },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const [message] = (await once(child, 'message', { signal: AbortSignal.timeout(START_MS) })) as [{ url: string }];
    return new ServerProcess(child, new URL(message.url).host);
  }

  /** kill -9: no chance to tidy up. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** As a machine that swaps, or a virtual machine that is moved: it does nothing for a while, and knows nothing of it. */
  pause(): void {
    this.child.kill('SIGSTOP');
  }

  resume(): void {
    this.child.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill(signal);
    await ended;
  }
}

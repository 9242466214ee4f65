import { type ChildProcess, spawn } from 'node:child_process';
import { EXIT } from '../exit-codes.js';
import type { Failure } from '../failure.js';
import type { ServiceEnvironment } from './messages.js';
import { createRestartPolicy } from './restart-policy.js';

export interface ServiceOptions {
  readonly name: string;
  /** For Node: flags, program, arguments. */
  readonly command: readonly string[];
  readonly environment: ServiceEnvironment;
  readonly onMessage?: (message: unknown) => void;
  /** Said when it died and is started again. */
  readonly onRestart: (text: string) => void;
}

const STOP_LIMIT = 10_000;

/** A process that shall run until it is told to stop. Its output goes to our standard error. */
export class Service {
  private readonly policy = createRestartPolicy();
  private child: ChildProcess | null = null;
  private timer: NodeJS.Timeout | null = null;
  private isStopping = false;
  private giveUp: (failure: Failure) => void = () => {};

  /** Resolves only when the service could not be kept running. */
  readonly givenUp: Promise<Failure>;

  /** Until this is set a process that ends is not started again: it could not start at all. */
  hasStarted = false;

  constructor(private readonly options: ServiceOptions) {
    this.givenUp = new Promise((resolve) => {
      this.giveUp = resolve;
    });
  }

  start(): void {
    const { command, environment, onMessage } = this.options;
    // A session of its own: Ctrl-C reaches only the launcher, which then stops everything in order.
    const child = spawn(process.execPath, [...command], {
      // Without a limit glibc keeps a heap for every thread, and never gives them back. Threads that wait for the disk to
      // sync use no processor, and with the four that Node has by itself eight uploads wait for one another.
      env: { MALLOC_ARENA_MAX: '2', UV_THREADPOOL_SIZE: '16', ...environment },
      stdio: ['ignore', 2, 2, 'ipc'],
      detached: true,
    });
    this.child = child;
    child.on('message', (message) => onMessage?.(message));
    child.once('error', (error) => this.ended(error.message));
    child.once('exit', (code, signal) => this.ended(signal === null ? `exit code ${code}` : signal));
  }

  /** Asks the process to stop, and ends it when it does not within 10 s. */
  async stop(): Promise<void> {
    this.isStopping = true;
    if (this.timer !== null) clearTimeout(this.timer);
    const { child } = this;
    if (child === null) return;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT);
    child.kill('SIGTERM');
    await exited;
    clearTimeout(limit);
  }

  kill(): void {
    this.isStopping = true;
    this.child?.kill('SIGKILL');
  }

  private ended(how: string): void {
    this.child = null;
    if (this.isStopping) return;
    const { name, onRestart } = this.options;
    if (!this.hasStarted) {
      this.giveUp(serviceFailure(`the ${name} ended before it was ready (${how})`, 'Why, stands above.'));
      return;
    }
    const delay = this.policy.nextDelay(Date.now());
    if (delay === null) {
      this.giveUp(
        serviceFailure(`the ${name} died again and again (${how})`, 'Why, stands above. Everything is stopped.'),
      );
      return;
    }
    onRestart(`the ${name} died (${how}); starting it again in ${delay} ms`);
    this.timer = setTimeout(() => this.start(), delay);
  }
}

function serviceFailure(title: string, remedy: string): Failure {
  return { exitCode: EXIT.failure, code: 'SERVICE_FAILED', title, remedy, detail: {} };
}

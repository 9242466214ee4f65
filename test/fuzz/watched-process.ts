import { fork, type ChildProcess } from 'node:child_process';
import type { FuzzAnswer, FuzzRequest } from './reader-process.js';

export interface Bounds {
  /** of work on one case */
  readonly milliseconds: number;
  /** of memory of the whole process */
  readonly megabytes: number;
  /** after which a process that does not answer is ended */
  readonly patience: number;
}

export interface Finding {
  readonly kind: 'crash' | 'fault' | 'hang' | 'slow' | 'memory';
  readonly detail: string;
}

type Ending = { readonly answer: FuzzAnswer } | { readonly finding: Finding };

/**
 * A process that reads one file after the other, and is started anew after each that it does not survive. What goes over a
 * bound counts only when a fresh process goes over it too: a heap that is not yet swept and a cold start are no finding.
 */
export class WatchedProcess {
  readonly #program: string;
  readonly #bounds: Bounds;
  #child: ChildProcess | null = null;

  constructor(program: string, bounds: Bounds) {
    this.#program = program;
    this.#bounds = bounds;
  }

  async run(request: FuzzRequest): Promise<{ answer: FuzzAnswer | null; finding: Finding | null }> {
    const first = this.#judge(await this.#ask(request));
    if (first.finding === null || first.finding.kind === 'fault') return first;
    this.stop();
    const second = this.#judge(await this.#ask(request));
    if (second.finding !== null) this.stop();
    return second;
  }

  stop(): void {
    this.#child?.kill('SIGKILL');
    this.#child = null;
  }

  #judge(ending: Ending): { answer: FuzzAnswer | null; finding: Finding | null } {
    if ('finding' in ending) return { answer: null, finding: ending.finding };
    const { answer } = ending;
    return { answer, finding: this.#findingIn(answer) };
  }

  #findingIn({ fault, milliseconds, megabytes }: FuzzAnswer): Finding | null {
    if (fault !== null) return { kind: 'fault', detail: fault };
    if (milliseconds > this.#bounds.milliseconds) return { kind: 'slow', detail: `${Math.round(milliseconds)} ms` };
    if (megabytes > this.#bounds.megabytes) return { kind: 'memory', detail: `${Math.round(megabytes)} MiB` };
    return null;
  }

  #ask(request: FuzzRequest): Promise<Ending> {
    const child = (this.#child ??= this.#start());
    return new Promise((resolve) => {
      const end = (ending: Ending): void => {
        clearTimeout(timer);
        child.removeAllListeners();
        if ('finding' in ending) this.stop();
        resolve(ending);
      };
      const timer = setTimeout(() => {
        end({ finding: { kind: 'hang', detail: `no answer in ${this.#bounds.patience} ms` } });
      }, this.#bounds.patience);
      child.once('message', (answer: FuzzAnswer) => end({ answer }));
      child.once('exit', (code, signal) => {
        end({ finding: { kind: 'crash', detail: `the process ended with ${signal ?? code}` } });
      });
      child.send(request);
    });
  }

  /** Room for the program itself is left beside the heap. */
  #start(): ChildProcess {
    const heap = Math.floor(this.#bounds.megabytes / 2);
    return fork(this.#program, [], {
      serialization: 'advanced',
      execArgv: [`--max-old-space-size=${heap}`, '--max-semi-space-size=8'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
  }
}

import { Worker, type WorkerOptions } from 'node:worker_threads';

export interface WorkerPoolOptions {
  readonly size: number;
  /** Of one question, from when a worker begins with it. */
  readonly timeoutMs: number;
  readonly worker?: WorkerOptions;
}

/** The worker did not answer: it took too long, or more memory than it may have, or it broke. */
export class WorkerLost extends Error {
  override readonly name = 'WorkerLost';
}

/**
 * Asks one question at a time of each of a few worker threads. They are started when they are needed, stay, and keep no
 * process alive; one that does not answer in time is ended, and another takes its place.
 */
export class WorkerPool<Question, Answer> {
  private readonly idle: Worker[] = [];
  private readonly waiting: (() => void)[] = [];
  private busy = 0;

  /** @param entry compiled module that answers every message with one */
  constructor(
    private readonly entry: string,
    private readonly options: WorkerPoolOptions,
  ) {}

  /** @throws WorkerLost */
  async ask(question: Question): Promise<Answer> {
    if (this.busy < this.options.size) this.busy += 1;
    // Whoever is done hands its place over.
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      const worker = this.idle.pop() ?? this.start();
      const answer = await this.answer(worker, question);
      this.idle.push(worker);
      return answer;
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.busy -= 1;
      else next();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.idle.splice(0).map(async (worker) => await worker.terminate()));
  }

  private start(): Worker {
    const worker = new Worker(this.entry, this.options.worker);
    worker.unref();
    // One that ends while nobody asks is no reason to end the process, and is not asked again.
    worker.on('error', () => {});
    worker.on('exit', () => {
      const at = this.idle.indexOf(worker);
      if (at !== -1) this.idle.splice(at, 1);
    });
    return worker;
  }

  private async answer(worker: Worker, question: Question): Promise<Answer> {
    const { timeoutMs } = this.options;
    const { promise, resolve, reject } = deferred<Answer>();
    const lost = (cause: unknown): void => reject(new WorkerLost('a worker thread ended', { cause }));
    const timer = setTimeout(() => reject(new WorkerLost(`no answer within ${timeoutMs} ms`)), timeoutMs);
    worker.on('message', resolve).on('error', lost).on('exit', lost);
    try {
      worker.postMessage(question);
      const answer = await promise;
      // One by one: Node.js has listeners of its own on it.
      worker.off('message', resolve).off('error', lost).off('exit', lost);
      return answer;
    } catch (error) {
      await worker.terminate();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: Error) => void } {
  let resolve: (value: T) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}

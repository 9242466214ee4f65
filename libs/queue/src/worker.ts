import { ArchiveError } from '@envarium/errors';
import { Logger, parseCronItems, run, type Runner } from 'graphile-worker';
import pg from 'pg';

/** A task is safe to repeat: a worker that dies in the middle leaves its job to the next one. */
export type Task = () => Promise<void>;

export interface ScheduledTask {
  readonly name: string;
  /** Five fields, UTC, as in crontab(5). */
  readonly schedule: string;
  readonly run: Task;
}

export interface Worker {
  /** Runs a task as soon as there is room for it. */
  wake(task: string): Promise<void>;
  /** Lets running tasks end, then stops. */
  stop(): Promise<void>;
}

export interface WorkerOptions {
  readonly databaseUrl: string;
  readonly tasks: readonly ScheduledTask[];
  /** How many tasks run at a time in this process; default 1. */
  readonly concurrency?: number;
  /** Told of a task that failed; it is tried again at its next time. */
  readonly onFailure: (task: string, error: unknown) => void;
}

/** Beside one for each running task: one that listens, one that takes jobs. */
const CONNECTIONS = 2;

/**
 * Works on scheduled tasks. Any number of processes may do so at once: each time of a task is worked on by one of them.
 * The queue keeps its tables in a schema of its own.
 */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { databaseUrl, tasks, onFailure, concurrency = 1 } = options;
  const max = CONNECTIONS + concurrency;
  const pool = new pg.Pool({ connectionString: databaseUrl, max, application_name: 'envarium resolver' });
  // A lost connection is reported by the query that needs it; without a listener it would end the process.
  pool.on('error', () => {});
  const runner: Runner = await run({
    pgPool: pool,
    concurrency,
    noHandleSignals: true,
    logger: quietLogger(options.onFailure),
    taskList: Object.fromEntries(tasks.map((task) => [task.name, async () => await guarded(task, onFailure)])),
    parsedCronItems: parseCronItems(
      tasks.map(({ name, schedule }) => ({
        task: name,
        match: schedule,
        // One waiting job a task is enough, however long it has been waiting: it does all there is to do.
        options: { maxAttempts: 1, backfillPeriod: 0, jobKey: name },
      })),
    ),
  }).catch((cause: unknown) => {
    throw new ArchiveError('DATABASE_UNAVAILABLE', { what: 'queue' }, { cause });
  });
  return {
    wake: async (task) => void (await runner.addJob(task, {}, { maxAttempts: 1, jobKey: task })),
    stop: async () => {
      await runner.stop();
      await pool.end();
    },
  };
}

async function guarded(task: ScheduledTask, onFailure: WorkerOptions['onFailure']): Promise<void> {
  try {
    await task.run();
  } catch (error) {
    onFailure(task.name, error);
  }
}

/** The library tells of every task it runs; only what went wrong is worth a line. */
function quietLogger(onFailure: WorkerOptions['onFailure']): Logger {
  return new Logger(() => (level, message) => {
    if (level === 'error' || level === 'warning') onFailure('queue', new Error(message));
  });
}

import { Logger, makeWorkerUtils, type WorkerUtils } from 'graphile-worker';
import pg from 'pg';

/** Seconds that the connection is kept for the next call. */
const IDLE = 10;
/** Whoever wakes is told by the result; the library would write to the console. */
const SILENT = new Logger(() => () => {});

/**
 * Wakes the worker of another process. Opens no connection before it is used. A task that is woken several times while it
 * waits runs once.
 */
export class JobsClient {
  private readonly pool: pg.Pool;
  private utils: Promise<WorkerUtils> | null = null;

  constructor(databaseUrl: string) {
    this.pool = new pg.Pool({
      connectionString: databaseUrl,
      max: 1,
      idleTimeoutMillis: IDLE * 1000,
      allowExitOnIdle: true,
      application_name: 'envarium jobs',
    });
    // A lost connection is reported by the query that needs it; without a listener it would end the process.
    this.pool.on('error', () => {});
  }

  /**
   * @returns false when the database could not be asked: the task then runs at its next time, so that nobody need fail
   */
  async wake(task: string): Promise<boolean> {
    try {
      this.utils ??= this.open();
      const utils = await this.utils;
      await utils.addJob(task, {}, { maxAttempts: 1, jobKey: task });
      return true;
    } catch {
      this.utils = null;
      return false;
    }
  }

  async close(): Promise<void> {
    await (await this.utils?.catch(() => null))?.release();
    await this.pool.end();
  }

  /** No worker need ever have run: the tables of the queue may still be missing. */
  private async open(): Promise<WorkerUtils> {
    const utils = await makeWorkerUtils({ pgPool: this.pool, logger: SILENT });
    await utils.migrate();
    return utils;
  }
}

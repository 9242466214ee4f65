import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PostgresProcess } from './messages.js';

const POLL = 50;

/**
 * Stops the embedded PostgreSQL as `pg_ctl stop` does. `SIGINT` is a fast shutdown: sessions end, a checkpoint is written;
 * `SIGQUIT` an immediate one, after which the next start recovers.
 * https://www.postgresql.org/docs/current/server-shutdown.html
 */
export async function stopPostgres(postgres: PostgresProcess): Promise<void> {
  if (await signalPostgres(postgres, 'SIGINT')) while (await isPostgresRunning(postgres)) await sleep(POLL);
}

/** @returns false when it is not running any more */
export async function signalPostgres(postgres: PostgresProcess, signal: 'SIGINT' | 'SIGQUIT'): Promise<boolean> {
  if (!(await isPostgresRunning(postgres))) return false;
  process.kill(postgres.pid, signal);
  return true;
}

export async function isPostgresRunning({ pid, pidFile }: PostgresProcess): Promise<boolean> {
  const text = await readFile(pidFile, 'utf8').catch(() => '');
  if (Number(text.split('\n', 1)[0]) !== pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ArchiveError } from '@envarium/errors';

const LOCK_NAME = 'up.lock';
const POLL_MS = 10;

/** Who holds the lock. The start time tells a process from a later one that was given the same number. */
interface Holder {
  readonly pid: number;
  readonly startTime: string | null;
}

/**
 * Makes `pid` the one launcher of a data directory. A lock whose process is gone, as after `kill -9`, is taken over.
 * @returns path of the lock, to be removed at the end
 * @throws ArchiveError CONFIG_INVALID when another launcher is running on it
 */
export async function lockDataDirectory(dataDir: string, pid: number): Promise<string> {
  // Root's PostgreSQL runs as `nobody`, which must get through this directory to its own; a mode would close it.
  await mkdir(dataDir, { recursive: true });
  const lock = path.join(dataDir, LOCK_NAME);
  const holder = await acquire(lock, `${JSON.stringify({ pid, startTime: await startTimeOf(pid) })}\n`);
  if (holder !== null) throw alreadyRunning(dataDir, lock, holder.pid);
  return lock;
}

/**
 * Makes the lock ours; one whose process is gone is taken away first. That is for one at a time to do, or a launcher that
 * is slow would take away what a quick one has made meanwhile: so it needs a lock of its own, got in the same way.
 * @returns who holds it; null: we do
 */
async function acquire(lock: string, mine: string): Promise<Holder | null> {
  for (;;) {
    if (await createComplete(lock, mine)) return null;
    const text = await readLock(lock);
    if (text === null) continue;
    const holder = parseHolder(text);
    if (holder !== null && (await isRunning(holder))) return holder;
    const removal = `${lock}.removal`;
    if ((await acquire(removal, mine)) !== null) {
      await sleep(POLL_MS);
      continue;
    }
    try {
      if ((await readLock(lock)) === text) await rm(lock, { force: true });
    } finally {
      await rm(removal, { force: true });
    }
  }
}

export async function unlockDataDirectory(lock: string): Promise<void> {
  await rm(lock, { force: true });
}

/** A file that appears with all of its content, or not at all. */
async function createComplete(file: string, content: string): Promise<boolean> {
  const unfinished = `${file}.${randomUUID()}.tmp`;
  try {
    await writeFile(unfinished, content, { mode: 0o600 });
    await link(unfinished, file);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** Null: it is not there any more. */
async function readLock(lock: string): Promise<string | null> {
  try {
    return await readFile(lock, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

function systemCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

async function isRunning({ pid, startTime }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
  const now = await startTimeOf(pid);
  return startTime === null || now === null || now === startTime;
}

/** Clock ticks since boot. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html field 22; null elsewhere. */
async function startTimeOf(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  // The name, in brackets, may hold blanks and brackets itself.
  return text === null ? null : (text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null);
}

function parseHolder(text: string): Holder | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('pid' in value) || typeof value.pid !== 'number') return null;
    const startTime = 'startTime' in value && typeof value.startTime === 'string' ? value.startTime : null;
    return { pid: value.pid, startTime };
  } catch {
    return null;
  }
}

function alreadyRunning(dataDir: string, lock: string, pid: number): ArchiveError {
  return new ArchiveError('CONFIG_INVALID', {
    problems: [
      `ENVARIUM_DATA_DIR: ${dataDir} is in use by process ${pid} (${lock}); stop that one, or take another directory`,
    ],
  });
}

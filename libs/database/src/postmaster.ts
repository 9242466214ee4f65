import { readFile, rm } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { errorCode } from './system-error.js';

/** What postmaster.pid says of the server of a cluster. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly isReady: boolean;
}

/**
 * The server that is running on `data`, or null. A file left behind by a dead server, or copied from another cluster
 * together with its directory, is no server.
 */
export async function findPostmaster(data: string): Promise<Postmaster | null> {
  const text = await readPidFile(data);
  // https://github.com/postgres/postgres/blob/REL_18_STABLE/src/include/utils/pidfile.h
  const [pid, directory, , port, , , , status] = text.split('\n');
  if (directory !== data || !(await isAlive(Number(pid)))) return null;
  return { pid: Number(pid), port: Number(port), isReady: status?.trim() === 'ready' };
}

/**
 * Removes postmaster.pid when the kernel has given its number to a program that is no PostgreSQL, or keeps it as a
 * zombie: the server would refuse to start for as long as that process exists, which in a container can be for ever.
 * A new server is kept from a cluster still in use by its shared memory segment as well.
 */
export async function removeStalePidFile(data: string): Promise<void> {
  const text = await readPidFile(data);
  const pid = Number(text.split('\n')[0]);
  if (text === '' || !isProcess(pid) || (await isAlive(pid))) return;
  if ((await readPidFile(data)) === text) await rm(path.join(data, 'postmaster.pid'), { force: true });
}

export async function acceptsConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.setTimeout(2_000, () => socket.destroy());
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}

/** A port that was free a moment ago. Somebody may take it before the server does, so starting must be tried again. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no port'));
        else resolve(address.port);
      });
    });
  });
}

async function readPidFile(data: string): Promise<string> {
  return readFile(path.join(data, 'postmaster.pid'), 'utf8').catch(() => '');
}

async function isAlive(pid: number): Promise<boolean> {
  if (!isProcess(pid)) return false;
  if (process.platform !== 'linux') return true;
  // "pid (comm) state ...": https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  return text === null ? isProcess(pid) : /^\d+ \(postgres\) [^ZX]/.test(text);
}

/** Whether the kernel knows a process of this number, a zombie included. */
export function isProcess(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

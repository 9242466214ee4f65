import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Whom PostgreSQL runs as; null is whoever runs this process. */
export type PostgresAccount = { readonly uid: number; readonly gid: number } | null;

const run = promisify(execFile);

/** What every Unix gives to `nobody`, should /etc/passwd not say. */
const NOBODY = { uid: 65_534, gid: 65_534 };

/**
 * PostgreSQL refuses to run as root. Root hands it to the owner of the existing cluster, or else to `nobody`, so that
 * no account has to be made on the system.
 * @param dataDirectory the cluster, which need not exist yet
 */
export async function postgresAccount(dataDirectory: string): Promise<PostgresAccount> {
  if (process.getuid?.() !== 0) return null;
  const owner = await stat(dataDirectory).catch(() => null);
  if (owner !== null && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };

  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const { uid, gid } = /^nobody:[^:]*:(?<uid>\d+):(?<gid>\d+):/m.exec(passwd)?.groups ?? {};
  return uid === undefined || gid === undefined ? NOBODY : { uid: Number(uid), gid: Number(gid) };
}

/** Options for a child process that must run as `account`, in a directory where it may stand. */
export function spawnAs(account: PostgresAccount, cwd = '/') {
  // Nothing of our own environment: it may hold credentials, and PG* variables would change what the programs do.
  return { ...account, cwd, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' } };
}

/** Whether `account` may enter `directory`, as the kernel sees it: modes, ACLs, mounts and all directories above. */
export async function canEnter(account: PostgresAccount, directory: string): Promise<boolean> {
  return run('/bin/sh', ['-c', 'test -x "$1"', 'sh', directory], spawnAs(account)).then(
    () => true,
    () => false,
  );
}

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { ArchiveError } from '@envarium/errors';
import { writeExclusive } from './exclusive-file.js';
import { spawnAs, type PostgresAccount } from './postgres-account.js';
import type { PostgresBinaries } from './postgres-binaries.js';
import { isProcess } from './postmaster.js';
import { errorCode, stderrOf } from './system-error.js';

/** One private cluster: where it is, whom it runs as, and the programs for it. */
export interface Cluster {
  readonly home: string;
  readonly data: string;
  readonly log: string;
  readonly account: PostgresAccount;
  readonly binaries: PostgresBinaries;
  readonly isDurable: boolean;
}

const run = promisify(execFile);

export const SUPERUSER = 'envarium';

/** The password of the superuser, made together with the cluster. */
export async function clusterPassword({ home, data, account }: Cluster): Promise<string> {
  const file = path.join(home, 'password');
  try {
    // A new password would not open an old cluster.
    if (!(await exists(data))) {
      const isNew = await writeExclusive(file, `${randomBytes(24).toString('hex')}\n`, account);
      // An earlier attempt, by somebody else, got no further than this file.
      if (!isNew && account !== null) await chown(file, account.uid, account.gid);
    }
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw new ArchiveError('CONFIG_INVALID', { problem: 'cluster-password-unreadable', file }, { cause });
  }
}

/** `initdb` works beside the cluster's place and is then renamed, so that no half of a cluster is ever in that place. */
export async function createCluster({ home, data, account, binaries, isDurable }: Cluster): Promise<void> {
  if (await exists(data)) return;
  await removeUnfinished(home);

  const unfinished = `${data}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  const flags = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', ...(isDurable ? [] : ['--no-sync'])];
  try {
    await run(
      binaries.initdb,
      ['-D', unfinished, '-U', SUPERUSER, '--pwfile', path.join(home, 'password'), ...flags],
      spawnAs(account, home),
    );
    await rename(unfinished, data);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another process was faster; both read the same password file.
    if (['EEXIST', 'ENOTEMPTY'].includes(errorCode(error) ?? '')) return;
    throw new ArchiveError(
      'CONFIG_INVALID',
      { problem: 'initdb-failed', setting: 'DATABASE_URL', home, reason: stderrOf(error) },
      { cause: error },
    );
  }
}

/** What a killed `initdb` left: directories named after a process that is gone. */
async function removeUnfinished(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    const pid = /^data\.(?<pid>\d+)-[0-9a-f]+\.tmp$/.exec(name)?.groups?.['pid'];
    if (pid !== undefined && !isProcess(Number(pid))) await rm(path.join(home, name), { recursive: true, force: true });
  }
}

/** @throws ArchiveError CONFIG_INVALID when `data` is no cluster, or not one for this account and version */
export async function assertUsable({ data, account, binaries }: Cluster): Promise<void> {
  const uid = account?.uid ?? process.getuid?.();
  const owner = (await stat(data)).uid;
  if (owner !== uid)
    throw new ArchiveError('CONFIG_INVALID', { problem: 'cluster-of-another-account', data, owner, uid });

  const version = await readFile(path.join(data, 'PG_VERSION'), 'utf8').then(
    (text) => text.trim(),
    () => null,
  );
  if (version === binaries.major) return;
  throw new ArchiveError('CONFIG_INVALID', {
    problem: version === null ? 'not-a-cluster' : 'cluster-of-another-version',
    data,
    version,
    supported: binaries.major,
  });
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

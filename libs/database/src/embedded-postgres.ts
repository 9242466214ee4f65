import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ArchiveError } from '@envarium/errors';
import pg from 'pg';
import { postgresAccount, spawnAs } from './postgres-account.js';
import { postgresBinaries, postgresPackage, type PostgresPackage } from './postgres-binaries.js';
import { assertUsable, clusterPassword, createCluster, SUPERUSER, type Cluster } from './postgres-cluster.js';
import { placeCluster } from './postgres-placement.js';
import { acceptsConnections, findPostmaster, freePort, removeStalePidFile, type Postmaster } from './postmaster.js';
import { errorCode, stderrOf } from './system-error.js';

export interface EmbeddedPostgresOptions {
  /** Directory for this cluster alone, made when missing. The same directory always means the same cluster. */
  readonly directory: string;
  /** False gives up on crash safety for speed: only for databases that are thrown away. */
  readonly isDurable?: boolean;
  /** Where the programs come from, when not from the npm package. */
  readonly package?: PostgresPackage;
  /** Where to put what PostgreSQL cannot reach in its own place; only root needs them. */
  readonly cacheRoot?: string;
  readonly stateRoot?: string;
}

export interface EmbeddedPostgres {
  /** URL of the database `envarium`, with its password. */
  readonly url: string;
  /** The same server and account, another database. */
  readonly urlOf: (database: string) => string;
  readonly port: number;
  readonly pid: number;
  /** True when the server was running before: whoever started it stops it. */
  readonly isAdopted: boolean;
  /** Where the cluster is: `directory`, or the place that is remembered there. Holds `data` and `postgres.log`. */
  readonly home: string;
  /** `fast` ends the sessions and writes a checkpoint; `immediate` is a crash, for databases that are thrown away. */
  readonly stop: (mode?: 'fast' | 'immediate') => Promise<void>;
}

const run = promisify(execFile);

const DATABASE = 'envarium';

/** Recovery after a crash replays the log since the last checkpoint: minutes on a slow disk, not hours. */
const START_TIMEOUT_SECONDS = 600;

/** For how long a server is started again when it stopped at once for a reason that passes. */
const RETRY_MILLISECONDS = 30_000;

/** The port was taken a moment ago, or a killed server has not wholly ended. Messages are English: the locale is C. */
const PASSING_REASON = /could not create any TCP\/IP sockets|lock file .* already exists|is still in use|shutting down/;

/** Where the cluster belongs in the data directory of an installation. */
export function embeddedPostgresDirectory(dataDir: string): string {
  return path.join(dataDir, 'postgres');
}

/**
 * Starts a private PostgreSQL on a free port of 127.0.0.1, or adopts the one that is running on `directory`. May be
 * called by several processes at once, after a crash of any of them or of the server, and by root (the server then runs
 * as `nobody`). The server goes on when this process dies.
 * @throws ArchiveError CONFIG_INVALID when this system or directory cannot carry one; DATABASE_UNAVAILABLE with the end
 *   of the server's log when it does not start
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { directory, isDurable = true, cacheRoot = '/var/cache/envarium', stateRoot = '/var/lib/envarium' } = options;
  const account = await postgresAccount(path.join(directory, 'data'));
  const home = await placeCluster(directory, account, stateRoot);
  const binaries = await postgresBinaries(
    account,
    account === null ? home : cacheRoot,
    options.package ?? (await postgresPackage()),
  );
  const data = path.join(home, 'data');
  const cluster: Cluster = { home, data, log: path.join(home, 'postgres.log'), account, binaries, isDurable };

  const password = await clusterPassword(cluster);
  await createCluster(cluster);
  await assertUsable(cluster);
  const { postmaster, isAdopted } = await startOrAdopt(cluster);
  const urlOf = (name: string) => `postgresql://${SUPERUSER}:${password}@127.0.0.1:${postmaster.port}/${name}`;
  await ensureDatabase(urlOf('postgres'));
  return {
    url: urlOf(DATABASE),
    urlOf,
    port: postmaster.port,
    pid: postmaster.pid,
    isAdopted,
    home,
    stop: (mode = 'fast') => stop(cluster, mode),
  };
}

async function startOrAdopt(cluster: Cluster): Promise<{ postmaster: Postmaster; isAdopted: boolean }> {
  const { data, home, log } = cluster;
  const begin = Date.now();
  let failure: { readonly cause: unknown; readonly log: string } | undefined;
  while (Date.now() - begin < START_TIMEOUT_SECONDS * 1000) {
    const running = await findPostmaster(data);
    if (running?.isReady && (await acceptsConnections(running.port))) return { postmaster: running, isAdopted: true };

    if (running === null) {
      const isLate = Date.now() - begin > RETRY_MILLISECONDS;
      if (failure !== undefined && (isLate || !PASSING_REASON.test(failure.log))) break;
      await removeStalePidFile(data);
      const port = await freePort();
      const logged = (await readLog(log)).length;
      try {
        await startServer(cluster, port);
      } catch (cause) {
        failure = { cause, log: (await readLog(log)).slice(logged) };
      }
      const postmaster = await findPostmaster(data);
      if (postmaster?.isReady && postmaster.port === port) return { postmaster, isAdopted: false };
    }
    // Somebody else's server is starting, recovering or stopping; or ours could not start yet.
    await sleep(200);
  }
  throw new ArchiveError(
    'DATABASE_UNAVAILABLE',
    { problem: 'postgres-does-not-start', home, log: (await readLog(log)).trimEnd().split('\n').slice(-8) },
    { cause: failure?.cause },
  );
}

async function startServer({ home, data, log, account, binaries, isDurable }: Cluster, port: number): Promise<void> {
  const settings: Record<string, string | number> = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    log_checkpoints: 'off',
    ...(!isDurable && { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }),
  };
  const flags = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  await run(
    binaries.pgCtl,
    ['start', '--wait', '--timeout', `${START_TIMEOUT_SECONDS}`, '-D', data, '-l', log, '-o', flags.join(' ')],
    spawnAs(account, home),
  );
}

async function stop({ home, data, account, binaries }: Cluster, mode: 'fast' | 'immediate'): Promise<void> {
  try {
    await run(binaries.pgCtl, ['stop', '--wait', '--mode', mode, '-D', data], spawnAs(account, home));
  } catch (cause) {
    if ((await findPostmaster(data)) === null) return;
    throw new ArchiveError('INTERNAL', { problem: 'postgres-does-not-stop', home, reason: stderrOf(cause) }, { cause });
  }
}

async function ensureDatabase(maintenanceUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: maintenanceUrl });
  try {
    await client.connect();
    const found = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`).catch(ignoreExisting);
  } finally {
    await client.end();
  }
}

/** Two processes may create the database at once: one gets duplicate_database, or the unique violation beneath it. */
function ignoreExisting(error: unknown): void {
  if (!['42P04', '23505'].includes(errorCode(error) ?? '')) throw error;
}

async function readLog(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}

import net from 'node:net';
import path from 'node:path';
import { loadConfig, programEnvironment, type Config } from '@envarium/config';
import {
  deployMigrations,
  embeddedPostgresDirectory,
  pendingMigrations,
  startEmbeddedPostgres,
} from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import { failureOf } from '../failure.js';
import { packageRoot } from '../package-root.js';
import { lockDataDirectory } from './data-dir-lock.js';
import type { PreparationMessage } from './messages.js';

/*
 * A process of its own, which ends when all is prepared: what it loads (the database client, the schema engine) would
 * stay in the launcher's memory for as long as the service runs.
 */

/**
 * @param launcher its process holds the lock: for the whole of the service, not for this process
 */
async function prepare(config: Config, launcher: number, purpose: string | undefined): Promise<void> {
  if (purpose !== 'service again') {
    const lock = await lockDataDirectory(config.dataDir, launcher);
    await tell({ type: 'locked', lock, dataDir: config.dataDir });
  }
  if (purpose !== 'database') await assertPortFree(config.host, config.port);

  const databaseUrl = config.databaseUrl ?? (await startPostgres(config.dataDir));
  const migrations = path.join(packageRoot(), 'prisma/migrations');
  const pending = await pendingMigrations(databaseUrl, migrations);
  if (pending.length > 0) {
    await tell({
      type: 'step',
      text: `bringing the database up to date: ${pending.length} migration${pending.length === 1 ? '' : 's'}`,
    });
    await deployMigrations(databaseUrl, migrations);
  }
  await tell({ type: 'prepared', environment: programEnvironment({ DATABASE_URL: databaseUrl }) });
}

async function startPostgres(dataDir: string): Promise<string> {
  await tell({ type: 'step', text: 'starting PostgreSQL' });
  const { url, pid, home } = await startEmbeddedPostgres({ directory: embeddedPostgresDirectory(dataDir) });
  await tell({ type: 'postgres', postgres: { pid, pidFile: path.join(home, 'data', 'postmaster.pid') } });
  return url;
}

/** The server would say it too, after PostgreSQL was started for nothing. */
async function assertPortFree(host: string, port: number): Promise<void> {
  if (port === 0) return;
  await new Promise<void>((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', (cause: NodeJS.ErrnoException) => {
      const fault =
        cause.code === 'EADDRINUSE'
          ? 'is in use by another program; take another port, or 0 for a free one'
          : `cannot be listened on (${cause.code})`;
      reject(new ArchiveError('CONFIG_INVALID', { problems: [`ENVARIUM_PORT: ${host}:${port} ${fault}`] }, { cause }));
    });
    probe.listen({ host, port }, () => probe.close(() => resolve()));
  });
}

/** Resolves when the message is out, which must be before this process ends. */
async function tell(message: PreparationMessage): Promise<void> {
  await new Promise<void>((resolve) => {
    if (process.send === undefined) resolve();
    else process.send(message, () => resolve());
  });
}

// The launcher decides when to stop: it waits until a half-started PostgreSQL can be stopped in good order.
process.on('SIGINT', () => {});
try {
  await prepare(loadConfig(), Number(process.argv[2]), process.argv[3]);
} catch (error) {
  await tell({ type: 'failed', failure: failureOf(error) });
}
// The schema engine leaves a timer of ten seconds behind.
process.exit();

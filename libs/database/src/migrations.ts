import { ArchiveError } from '@envarium/errors';
import type { MigrationList } from '@prisma/schema-engine-wasm';
import pg from 'pg';
import { databaseUnavailable } from './database-error.js';
import {
  assertDeployable,
  readMigrations,
  readMigrationState,
  type Migration,
  type MigrationState,
} from './migration-history.js';
import { withSchemaEngine } from './schema-engine.js';

export interface Deployment {
  /** Names of the migrations that this call applied, in order. Empty when there was nothing to do. */
  readonly applied: readonly string[];
  /** Applied migrations that the folder does not have: this program is older than its database. */
  readonly unknown: readonly string[];
}

// Any number, ours alone. Not Prisma's own 72707369: its engine takes that one on another connection.
const DEPLOY_LOCK = 7_420_518_963_017n;

/** How long to wait for another process that is migrating the same database. */
const LOCK_TIMEOUT = '15min';

const NO_FILTERS = { externalTables: [], externalEnums: [] };

/** What `migrate status` shows. Reads one table; loads no engine and takes no lock. */
export async function migrationState(url: string, directory: string): Promise<MigrationState> {
  const migrations = await readMigrations(directory);
  return withClient(url, (client) => readMigrationState(client, migrations));
}

/**
 * Names of the migrations that `deployMigrations` would apply, in order.
 * @throws ArchiveError CONFIG_INVALID when a migration has failed before or was edited after it was applied
 */
export async function pendingMigrations(url: string, directory: string): Promise<readonly string[]> {
  const state = await migrationState(url, directory);
  assertDeployable(state);
  return state.pending;
}

/**
 * Brings the database up to the migrations folder. Any number of processes may call it at once: one applies, the others
 * wait and find nothing to do. The schema engine (60 MB of memory) is loaded only when there is something to apply.
 * @param directory absolute path of prisma/migrations
 * @throws ArchiveError CONFIG_INVALID (migration-failed, migration-edited) or DATABASE_UNAVAILABLE
 */
export async function deployMigrations(url: string, directory: string): Promise<Deployment> {
  const migrations = await readMigrations(directory);
  return withClient(url, async (client) => {
    const before = await readMigrationState(client, migrations);
    if (before.pending.length === 0 && before.unfinished.length === 0 && before.edited.length === 0) {
      return { applied: [], unknown: before.unknown };
    }

    await client.query(`SET lock_timeout = '${LOCK_TIMEOUT}'`);
    await client.query('SELECT pg_advisory_lock($1)', [DEPLOY_LOCK]);
    // What looked unfinished may have been another process at work, which has ended now.
    const state = await readMigrationState(client, migrations);
    assertDeployable(state);
    if (state.pending.length > 0) await applyMigrations(url, client, directory, migrations);
    return { applied: state.pending, unknown: state.unknown };
  });
}

async function applyMigrations(
  url: string,
  client: pg.Client,
  directory: string,
  migrations: readonly Migration[],
): Promise<void> {
  try {
    const input = { migrationsList: migrationList(directory, migrations), filters: NO_FILTERS };
    await withSchemaEngine(url, (engine) => engine.applyMigrations(input));
  } catch (error) {
    const { unfinished } = await readMigrationState(client, migrations);
    if (unfinished.length === 0) throw error;
    throw new ArchiveError(
      'CONFIG_INVALID',
      { problem: 'migration-failed', migrations: unfinished, reason: withoutTrace(error) },
      { cause: error },
    );
  }
}

/** The engine's message without the places in its own source, which follow as "   0: module::function". */
function withoutTrace(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split(/\n\s+0: /)[0]?.trim() ?? message;
}

/** The folder as the schema engine takes it: it reads no files itself. */
export function migrationList(directory: string, migrations: readonly Migration[]): MigrationList {
  return {
    baseDir: directory,
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories: migrations.map(({ name, script }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: script } },
    })),
  };
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  // Without a listener a server that goes away between two queries would end the process.
  client.on('error', () => {});
  try {
    await client.connect().catch((error: unknown) => {
      throw databaseUnavailable(url, error);
    });
    return await use(client);
  } finally {
    // Closing also gives back the advisory lock, which belongs to the session.
    await client.end();
  }
}

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { ArchiveError } from '@envarium/errors';
import type pg from 'pg';
import { z } from 'zod';

/** One folder of prisma/migrations. */
export interface Migration {
  /** `<yyyymmddhhmmss>_<what>`: migrations are applied in the order of their names. */
  readonly name: string;
  readonly script: string;
  /** sha256 of the script in hex: what `_prisma_migrations.checksum` holds. */
  readonly checksum: string;
}

/** The folder and the database side by side; lists of migration names, in order. All empty but `applied`: up to date. */
export interface MigrationState {
  readonly applied: readonly string[];
  /** In the folder, not in the database. */
  readonly pending: readonly string[];
  /** Begun and not ended: the script failed, or somebody is applying it at this moment. */
  readonly unfinished: readonly string[];
  /** Applied, and the script was changed afterwards. */
  readonly edited: readonly string[];
  /** In the database, not in the folder: the database was migrated by another version of the program. */
  readonly unknown: readonly string[];
}

/** @throws ArchiveError CONFIG_INVALID when the folder, or a script in it, is missing */
export async function readMigrations(directory: string): Promise<Migration[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    return await Promise.all(names.toSorted().map((name) => readMigration(directory, name)));
  } catch (error) {
    throw new ArchiveError('CONFIG_INVALID', { problem: 'migrations-unreadable', directory }, { cause: error });
  }
}

async function readMigration(directory: string, name: string): Promise<Migration> {
  const script = await readFile(path.join(directory, name, 'migration.sql'), 'utf8');
  return { name, script, checksum: createHash('sha256').update(script).digest('hex') };
}

const AppliedMigration = z.object({
  name: z.string(),
  checksum: z.string(),
  isFinished: z.boolean(),
});
type AppliedMigration = z.infer<typeof AppliedMigration>;

/** Compares the table that Prisma Migrate keeps with the folder, in one query and without the schema engine. */
export async function readMigrationState(
  client: pg.ClientBase,
  migrations: readonly Migration[],
): Promise<MigrationState> {
  return compare(migrations, await readAppliedMigrations(client));
}

async function readAppliedMigrations(client: pg.ClientBase): Promise<AppliedMigration[]> {
  const table = await client.query(`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS "exists"`);
  if (table.rows[0]?.exists !== true) return [];
  const { rows } = await client.query(`
    SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS "isFinished"
    FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY migration_name`);
  return z.array(AppliedMigration).parse(rows);
}

function compare(migrations: readonly Migration[], rows: readonly AppliedMigration[]): MigrationState {
  const checksums = new Map(migrations.map(({ name, checksum }) => [name, checksum]));
  const finished = rows.filter((row) => row.isFinished);
  const known = new Set(rows.map((row) => row.name));

  return {
    applied: finished.map((row) => row.name),
    pending: migrations.map(({ name }) => name).filter((name) => !known.has(name)),
    unfinished: rows.filter((row) => !row.isFinished).map((row) => row.name),
    edited: finished
      .filter(({ name, checksum }) => checksums.has(name) && checksums.get(name) !== checksum)
      .map((row) => row.name),
    unknown: finished.filter((row) => !checksums.has(row.name)).map((row) => row.name),
  };
}

/** @throws ArchiveError CONFIG_INVALID when no migration may be applied to this database before somebody repairs it */
export function assertDeployable({ unfinished, edited }: MigrationState): void {
  if (unfinished.length > 0) {
    // PostgreSQL ran the script as one transaction, so nothing of it is there: it is rolled back already.
    throw new ArchiveError('CONFIG_INVALID', {
      problem: 'migration-failed',
      migrations: unfinished,
      repair: ['node', 'dist/prisma/migrate.js', 'resolve', unfinished[0]],
    });
  }
  if (edited.length > 0) {
    throw new ArchiveError('CONFIG_INVALID', {
      problem: 'migration-edited',
      migrations: edited,
      repair: ['git', 'checkout', '--', ...edited.map((name) => `prisma/migrations/${name}`)],
    });
  }
}

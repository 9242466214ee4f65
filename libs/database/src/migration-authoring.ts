import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ArchiveError } from '@envarium/errors';
import type { SchemasContainer } from '@prisma/schema-engine-wasm';
import { readMigrations } from './migration-history.js';
import { deployMigrations, migrationList } from './migrations.js';
import { withSchemaEngine } from './schema-engine.js';

const NO_FILTERS = { externalTables: [], externalEnums: [] };

/** Where schema.prisma and the migrations folder are, as absolute paths. */
export interface MigrationPaths {
  readonly schema: string;
  readonly migrations: string;
}

export interface NewMigration {
  /** Folder name under prisma/migrations, or null when the schema has not changed. */
  readonly name: string | null;
  /** False when the script would lose data: it is written for a person to read, and left for `deploy`. */
  readonly isApplied: boolean;
  readonly warnings: readonly string[];
}

/**
 * The SQL that leads from the migrations folder to schema.prisma, or null when they agree. Replays the folder in a
 * database of its own, made and dropped on the server of `url`; the database of `url` is not touched.
 */
export async function diffMigrations(url: string, paths: MigrationPaths): Promise<string | null> {
  const migrations = migrationList(paths.migrations, await readMigrations(paths.migrations));
  const schema = await readSchema(paths.schema);
  const { stdout, exitCode } = await withSchemaEngine(url, (engine) =>
    engine.diff({
      from: { tag: 'migrations', ...migrations },
      to: { tag: 'schemaDatamodel', ...schema },
      script: true,
      exitCode: true,
      filters: NO_FILTERS,
    }),
  );
  return exitCode === 0 ? null : stdout;
}

/**
 * Writes the next migration from the difference to schema.prisma, and applies it to the database of `url`.
 * @param name what changes, in snake_case; the time is put before it
 * @throws ArchiveError CONFIG_INVALID when the database has drifted from the folder, or the change cannot be executed
 */
export async function createMigration(url: string, paths: MigrationPaths, name: string): Promise<NewMigration> {
  await deployMigrations(url, paths.migrations);
  const migrationsList = migrationList(paths.migrations, await readMigrations(paths.migrations));
  const schema = await readSchema(paths.schema);

  const { created, warnings } = await withSchemaEngine(url, async (engine) => {
    const { action } = await engine.devDiagnostic({ migrationsList, filters: NO_FILTERS });
    if (action.tag === 'reset') {
      throw new ArchiveError('CONFIG_INVALID', { problem: 'database-drifted', reason: action.reason });
    }
    const loss = await engine.evaluateDataLoss({ migrationsList, schema, filters: NO_FILTERS });
    if (loss.unexecutableSteps.length > 0) {
      const reasons = loss.unexecutableSteps.map((step) => step.message);
      throw new ArchiveError('CONFIG_INVALID', { problem: 'migration-not-executable', reasons });
    }
    const input = { migrationName: name, draft: false, migrationsList, schema, filters: NO_FILTERS };
    return { created: await engine.createMigration(input), warnings: loss.warnings.map((step) => step.message) };
  });

  if (created.migrationScript === null) return { name: null, isApplied: false, warnings };
  const directory = path.join(paths.migrations, created.generatedMigrationName);
  await mkdir(directory);
  await writeFile(path.join(directory, 'migration.sql'), created.migrationScript);
  // Prisma's own command line refuses a folder without it.
  await writeFile(path.join(paths.migrations, 'migration_lock.toml'), 'provider = "postgresql"\n');

  const isApplied = warnings.length === 0;
  if (isApplied) await deployMigrations(url, paths.migrations);
  return { name: created.generatedMigrationName, isApplied, warnings };
}

/**
 * Settles a migration that failed, so that `deploy` goes on.
 * @param outcome `rolled-back` when nothing of it is in the database, which is what PostgreSQL leaves of a failed script;
 *   `applied` when somebody has done its work by hand
 */
export async function resolveMigration(
  url: string,
  migrations: string,
  name: string,
  outcome: 'rolled-back' | 'applied',
): Promise<void> {
  const migrationsList = migrationList(migrations, await readMigrations(migrations));
  await withSchemaEngine(url, async (engine) => {
    if (outcome === 'applied') await engine.markMigrationApplied({ migrationName: name, migrationsList });
    else await engine.markMigrationRolledBack({ migrationName: name });
  });
}

async function readSchema(file: string): Promise<SchemasContainer> {
  return { files: [{ path: file, content: await readFile(file, 'utf8') }] };
}

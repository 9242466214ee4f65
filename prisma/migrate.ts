import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '@envarium/config';
import {
  createMigration,
  deployMigrations,
  diffMigrations,
  embeddedPostgresDirectory,
  migrationState,
  resolveMigration,
  startEmbeddedPostgres,
} from '@envarium/database';
import { ArchiveError } from '@envarium/errors';

const USAGE = `node dist/prisma/migrate.js COMMAND

  deploy            apply all pending migrations
  status            compare the database with prisma/migrations; exit code 1 unless they agree
  diff              print the SQL from prisma/migrations to schema.prisma; exit code 2 when there is any
  dev NAME          write the next migration from the changes in schema.prisma, and apply it
  resolve NAME      settle a migration that failed: nothing of it is in the database
    --applied         ... or its work has been done by hand

The database is the one of DATABASE_URL, else the embedded one in ENVARIUM_DATA_DIR.
`;

/** Sources and build lie at different depths below the package, so its root is looked for. */
function packageRoot(from: string): string {
  const file = path.join(from, 'package.json');
  if (existsSync(file)) {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof content === 'object' && content !== null && 'name' in content && content.name === 'envarium')
      return from;
  }
  const parent = path.dirname(from);
  if (parent === from) throw new ArchiveError('CONFIG_INVALID', { problem: 'package-root-not-found' });
  return packageRoot(parent);
}

async function withDatabase<T>(use: (url: string) => Promise<T>): Promise<T> {
  const { databaseUrl, dataDir } = loadConfig();
  if (databaseUrl !== null) return use(databaseUrl);
  const server = await startEmbeddedPostgres({ directory: embeddedPostgresDirectory(dataDir) });
  try {
    return await use(server.url);
  } finally {
    if (!server.isAdopted) await server.stop();
  }
}

/** @returns the exit code */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { applied: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
  });
  const [command, name] = positionals;
  const root = packageRoot(import.meta.dirname);
  const paths = { schema: path.join(root, 'prisma/schema.prisma'), migrations: path.join(root, 'prisma/migrations') };

  if (command === 'deploy') {
    const { applied, unknown } = await withDatabase((url) => deployMigrations(url, paths.migrations));
    for (const migration of applied) print(`applied ${migration}`);
    for (const migration of unknown) print(`unknown ${migration}: applied by another version of the program`);
    if (applied.length === 0) print('nothing to apply');
    return 0;
  }
  if (command === 'status') {
    const state = await withDatabase((url) => migrationState(url, paths.migrations));
    for (const [word, migrations] of Object.entries(state)) {
      for (const migration of migrations) print(`${word} ${migration}`);
    }
    const { applied: _, ...differences } = state;
    return Object.values(differences).every((migrations) => migrations.length === 0) ? 0 : 1;
  }
  if (command === 'diff') {
    const sql = await withDatabase((url) => diffMigrations(url, paths));
    if (sql !== null) print(sql);
    return sql === null ? 0 : 2;
  }
  if (command === 'dev' && name !== undefined) {
    const created = await withDatabase((url) => createMigration(url, paths, name));
    for (const warning of created.warnings) print(`warning: ${warning}`);
    if (created.name === null) print('schema.prisma has not changed');
    else print(created.isApplied ? `applied ${created.name}` : `written, not applied: ${created.name}`);
    return 0;
  }
  if (command === 'resolve' && name !== undefined) {
    const outcome = values.applied ? 'applied' : 'rolled-back';
    await withDatabase((url) => resolveMigration(url, paths.migrations, name, outcome));
    print(`${name} is settled as ${outcome}`);
    return 0;
  }
  print(USAGE);
  return values.help ? 0 : 64;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function printError(error: unknown): void {
  const detail = error instanceof ArchiveError ? `\n${JSON.stringify(error.detail, null, 2)}` : '';
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}${detail}\n`);
}

const exitCode = await main().catch((error: unknown) => {
  printError(error);
  return 1;
});
// The schema engine leaves a timer behind. Standard output may be a pipe, which has to be emptied first.
process.stdout.write('', () => process.exit(exitCode));

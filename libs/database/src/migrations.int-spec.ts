import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTestDatabase, type TestDatabase } from '@envarium/testing';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMigration, diffMigrations, resolveMigration } from './migration-authoring.js';
import { deployMigrations, migrationState, pendingMigrations } from './migrations.js';

const FIRST = '20260101000000_first';
const SECOND = '20260102000000_second';

// A function body and a string with semicolons: a script that is split at them fails.
const FIRST_SCRIPT = `
CREATE TABLE fruit (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT ';');
CREATE FUNCTION seven() RETURNS INTEGER LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; RETURN 7; END $$;
`;
const SCHEMA = `
generator client {
  provider = "prisma-client"
  output   = "generated"
}

datasource db {
  provider = "postgresql"
}

model fruit {
  id   Int    @id
  name String @default(";")
}
`;

let directory: string;
let schema: string;
let database: TestDatabase;

beforeEach(async () => {
  const root = await mkdtemp(path.join(tmpdir(), 'envarium-migrations-'));
  directory = path.join(root, 'migrations');
  schema = path.join(root, 'schema.prisma');
  await writeFile(schema, SCHEMA);
  await addMigration(FIRST, FIRST_SCRIPT);
  database = await createTestDatabase();
  // The clone has our own tables already; these tests begin with nothing.
  await query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
});

afterEach(async () => {
  await database.drop();
  await rm(path.dirname(directory), { recursive: true });
});

async function addMigration(name: string, script: string): Promise<void> {
  await mkdir(path.join(directory, name), { recursive: true });
  await writeFile(path.join(directory, name, 'migration.sql'), script);
}

async function query(text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** Those of this server that were made to replay a folder in; other tests make others at the same time. */
const shadows = async () => await query(`SELECT datname FROM pg_database WHERE datname LIKE 'envarium\\_shadow\\_%'`);

describe('database/migrations', () => {
  it('applies the folder to an empty database, in order', async () => {
    await addMigration(SECOND, 'ALTER TABLE fruit ADD COLUMN colour TEXT;');

    expect(await deployMigrations(database.url, directory)).toEqual({ applied: [FIRST, SECOND], unknown: [] });
    expect(await query('SELECT seven() AS n, count(colour) AS colours FROM fruit')).toEqual([{ n: 7, colours: '0' }]);
  });

  it('keeps the history in the table of Prisma Migrate, with the sha256 of each script', async () => {
    await deployMigrations(database.url, directory);

    expect(
      await query(`SELECT migration_name, applied_steps_count, finished_at IS NOT NULL AS finished,
        checksum = encode(sha256(convert_to('${FIRST_SCRIPT.replaceAll("'", "''")}', 'UTF8')), 'hex') AS same
        FROM _prisma_migrations`),
    ).toEqual([{ migration_name: FIRST, applied_steps_count: 1, finished: true, same: true }]);
  });

  it('does nothing the second time', async () => {
    await deployMigrations(database.url, directory);

    expect(await pendingMigrations(database.url, directory)).toEqual([]);
    expect(await deployMigrations(database.url, directory)).toEqual({ applied: [], unknown: [] });
  });

  it('names what is pending without applying it', async () => {
    await deployMigrations(database.url, directory);
    await addMigration(SECOND, 'CREATE TABLE basket (id INTEGER);');

    expect(await pendingMigrations(database.url, directory)).toEqual([SECOND]);
    expect(await query(`SELECT to_regclass('basket') AS found`)).toEqual([{ found: null }]);
  });

  it('applies once when four processes start together', async () => {
    await addMigration(SECOND, 'SELECT pg_sleep(0.5);');

    const results = await Promise.all([1, 2, 3, 4].map(() => deployMigrations(database.url, directory)));

    expect(results.filter(({ applied }) => applied.length === 0)).toHaveLength(3);
    expect(results.find(({ applied }) => applied.length > 0)).toEqual({ applied: [FIRST, SECOND], unknown: [] });
    expect(await query('SELECT count(*)::int AS n FROM _prisma_migrations')).toEqual([{ n: 2 }]);
  });

  it('leaves no connection and no lock behind', async () => {
    await deployMigrations(database.url, directory);

    // A server process ends a moment after its client.
    const sessions = async (): Promise<unknown> =>
      await query(`SELECT count(*)::int AS n FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()`);
    await expect.poll(sessions).toEqual([{ n: 0 }]);
  });

  it('refuses a migration that was edited after it was applied', async () => {
    await deployMigrations(database.url, directory);
    await addMigration(FIRST, `${FIRST_SCRIPT}-- edited`);
    await addMigration(SECOND, 'CREATE TABLE basket (id INTEGER);');

    await expect(deployMigrations(database.url, directory)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      detail: { problem: 'migration-edited', migrations: [FIRST] },
    });
    expect(await query(`SELECT to_regclass('basket') AS found`)).toEqual([{ found: null }]);
  });

  it('leaves nothing of a migration that fails, and says why', async () => {
    await addMigration(SECOND, 'CREATE TABLE basket (id INTEGER); CREATE TABLE fruit (id INTEGER);');

    await expect(deployMigrations(database.url, directory)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      detail: {
        problem: 'migration-failed',
        migrations: [SECOND],
        reason: expect.stringContaining('relation "fruit" already exists'),
      },
    });
    expect(await query(`SELECT to_regclass('basket') AS found`)).toEqual([{ found: null }]);
  });

  it('refuses to go on after a failure until it is resolved', async () => {
    await addMigration(SECOND, 'CREATE TABLE fruit (id INTEGER);');
    await expect(deployMigrations(database.url, directory)).rejects.toThrow();

    await expect(pendingMigrations(database.url, directory)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      detail: { migrations: [SECOND], repair: ['node', 'dist/prisma/migrate.js', 'resolve', SECOND] },
    });

    await addMigration(SECOND, 'CREATE TABLE basket (id INTEGER);');
    await resolveMigration(database.url, directory, SECOND, 'rolled-back');
    expect(await deployMigrations(database.url, directory)).toEqual({ applied: [SECOND], unknown: [] });
  });

  it('takes a failed migration as done when somebody has done its work', async () => {
    await addMigration(SECOND, 'CREATE TABLE fruit (id INTEGER);');
    await expect(deployMigrations(database.url, directory)).rejects.toThrow();

    await resolveMigration(database.url, directory, SECOND, 'applied');

    expect(await pendingMigrations(database.url, directory)).toEqual([]);
  });

  it('names migrations of a newer program, and goes on', async () => {
    await addMigration(SECOND, 'CREATE TABLE basket (id INTEGER);');
    await deployMigrations(database.url, directory);
    await rm(path.join(directory, SECOND), { recursive: true });

    expect(await deployMigrations(database.url, directory)).toEqual({ applied: [], unknown: [SECOND] });
    expect(await migrationState(database.url, directory)).toEqual({
      applied: [FIRST, SECOND],
      pending: [],
      unfinished: [],
      edited: [],
      unknown: [SECOND],
    });
  });

  it('says which database it could not reach, without the password', async () => {
    const url = new URL(database.url);
    const password = url.password;
    url.pathname = '/no_such_database';

    const error = await deployMigrations(url.href, directory).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      detail: { database: 'no_such_database', code: '3D000' },
    });
    expect(JSON.stringify(error)).not.toContain(password);
  });

  it('reports a folder that is not there', async () => {
    await expect(deployMigrations(database.url, path.join(directory, 'missing'))).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      detail: { problem: 'migrations-unreadable', directory: path.join(directory, 'missing') },
    });
  });
});

describe('database/migration-authoring', () => {
  it('finds no difference between a schema and the migrations that make it', async () => {
    expect(await diffMigrations(database.url, { schema, migrations: directory })).toBeNull();
    expect(await shadows()).toEqual([]);
  });

  it('replays the folder in a database of its own', async () => {
    await query('CREATE TABLE precious (id INTEGER)');

    const sql = await diffMigrations(database.url, { schema, migrations: directory });

    expect(sql).toBeNull();
    expect(await query(`SELECT to_regclass('precious')::text AS precious, to_regclass('fruit') AS fruit`)).toEqual([
      { precious: 'precious', fruit: null },
    ]);
  });

  it('writes and applies the next migration', async () => {
    await writeFile(schema, SCHEMA.replace('@default(";")', '@default(";")\n  colour String?'));

    const created = await createMigration(database.url, { schema, migrations: directory }, 'colour');

    expect(created).toEqual({ name: expect.stringMatching(/^\d{14}_colour$/), isApplied: true, warnings: [] });
    expect(await readFile(path.join(directory, created.name!, 'migration.sql'), 'utf8')).toBe(
      '-- AlterTable\nALTER TABLE "fruit" ADD COLUMN     "colour" TEXT;\n',
    );
    expect(await query('SELECT colour FROM fruit')).toEqual([]);
  });

  it('writes nothing when the schema has not changed', async () => {
    const created = await createMigration(database.url, { schema, migrations: directory }, 'nothing');

    expect(created).toEqual({ name: null, isApplied: false, warnings: [] });
  });

  it('leaves a migration that loses data to be read first', async () => {
    await deployMigrations(database.url, directory);
    await query(`INSERT INTO fruit VALUES (1, 'quince')`);
    await writeFile(schema, SCHEMA.replace(/ +name .*\n/, ''));

    const created = await createMigration(database.url, { schema, migrations: directory }, 'drop_name');

    expect(created.isApplied).toBe(false);
    expect(created.warnings).toHaveLength(1);
    expect(await query('SELECT name FROM fruit')).toEqual([{ name: 'quince' }]);
  });

  it('refuses a database that was changed by hand', async () => {
    await deployMigrations(database.url, directory);
    await query('ALTER TABLE fruit DROP COLUMN name');

    await expect(createMigration(database.url, { schema, migrations: directory }, 'x')).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      detail: { problem: 'database-drifted' },
    });
  });
});

import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { deployMigrations, findPostmaster, startEmbeddedPostgres } from '@envarium/database';
// Only for the types of what is provided.
import type {} from '@envarium/testing';
import pg from 'pg';
import type { TestProject } from 'vitest/node';

const migrations = path.resolve(import.meta.dirname, '../prisma/migrations');
const CLUSTER = /^envarium-test-postgres-(?<pid>\d+)-/;

interface TestServer {
  readonly url: string;
  readonly template: string;
  readonly stop: () => Promise<void>;
}

/** Projects load this file each for itself, but run in one process: the server is kept where all of them find it. */
const SHARED = Symbol.for('envarium test server');
interface Shared {
  [SHARED]?: { server: Promise<TestServer>; users: number };
}

/**
 * One PostgreSQL for all tests of a run, and in it one migrated template database that `createTestDatabase` clones.
 * The server is a throw-away cluster, or the one of ENVARIUM_TEST_DATABASE_URL (a role that may create databases).
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const shared = globalThis as Shared;
  const current = (shared[SHARED] ??= { server: createServer(), users: 0 });
  current.users += 1;
  const { url, template, stop } = await current.server;
  project.provide('postgresUrl', url);
  project.provide('postgresTemplate', template);
  return async () => {
    current.users -= 1;
    if (current.users > 0) return;
    delete shared[SHARED];
    await stop();
  };
}

async function createServer(): Promise<TestServer> {
  const given = process.env['ENVARIUM_TEST_DATABASE_URL'];
  const server = given === undefined ? await startThrowAwayServer() : { url: given, stop: async () => {} };

  const template = `envarium_test_${randomBytes(4).toString('hex')}`;
  try {
    await createTemplate(server.url, template);
  } catch (error) {
    await server.stop();
    throw error;
  }
  const stop = async (): Promise<void> => {
    if (given !== undefined) await dropAll(given, template);
    await server.stop();
  };
  return { url: server.url, template, stop };
}

async function startThrowAwayServer(): Promise<{ url: string; stop: () => Promise<void> }> {
  await removeLeftovers();
  const directory = await mkdtemp(path.join(tmpdir(), `envarium-test-postgres-${process.pid}-`));
  const server = await startEmbeddedPostgres({ directory, isDurable: false });
  return {
    url: server.url,
    stop: async () => {
      await server.stop('immediate');
      await rm(directory, { recursive: true });
    },
  };
}

/** Servers of test runs that were killed before they could stop them. */
async function removeLeftovers(): Promise<void> {
  const parent = await realpath(tmpdir());
  for (const name of await readdir(parent)) {
    const pid = CLUSTER.exec(name)?.groups?.['pid'];
    if (pid === undefined || isRunning(Number(pid))) continue;
    const directory = path.join(parent, name);
    const server = await findPostmaster(path.join(directory, 'data'));
    // https://www.postgresql.org/docs/18/server-shutdown.html: immediate shutdown.
    if (server !== null) process.kill(server.pid, 'SIGQUIT');
    await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

async function createTemplate(url: string, template: string): Promise<void> {
  await query(url, `CREATE DATABASE "${template}"`);
  const templateUrl = new URL(url);
  templateUrl.pathname = `/${template}`;
  await deployMigrations(templateUrl.href, migrations);
  // A template that nobody can connect to can always be cloned.
  await query(url, `ALTER DATABASE "${template}" WITH IS_TEMPLATE true ALLOW_CONNECTIONS false`);
}

async function dropAll(url: string, template: string): Promise<void> {
  await query(url, `ALTER DATABASE "${template}" WITH IS_TEMPLATE false`);
  const names = await query(url, 'SELECT datname FROM pg_database WHERE starts_with(datname, $1)', [template]);
  for (const { datname } of names) await query(url, `DROP DATABASE "${String(datname)}" WITH (FORCE)`);
}

async function query(url: string, text: string, values: string[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text, values)).rows;
  } finally {
    await client.end();
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

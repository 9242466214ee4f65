import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** A database of the test server from which others can be made and dropped. */
    postgresUrl: string;
    /** Name of the migrated, empty database that every test database is a clone of. */
    postgresTemplate: string;
  }
}

export interface TestDatabase {
  readonly url: string;
  /** Drops the database, also from under open connections. */
  readonly drop: () => Promise<void>;
}

/** Another session is reading the template at this moment. */
const OBJECT_IN_USE = '55006';
const MAX_ATTEMPTS = 50;

/** A migrated, empty database of its own: nothing that a test does in it can be seen by another. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const postgresUrl = inject('postgresUrl');
  const template = inject('postgresTemplate');
  // The name begins with the template's, so that the setup finds what a killed test has left.
  const name = `${template}_${randomBytes(6).toString('hex')}`;
  await withAdmin(postgresUrl, (admin) => clone(admin, template, name));

  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () =>
      withAdmin(postgresUrl, async (admin) => {
        await admin.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
      }),
  };
}

async function clone(admin: pg.Client, template: string, name: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await admin.query(`CREATE DATABASE "${name}" TEMPLATE "${template}"`);
      return;
    } catch (error) {
      const isBusy = error instanceof pg.DatabaseError && error.code === OBJECT_IN_USE;
      if (!isBusy || attempt === MAX_ATTEMPTS) throw error;
      await sleep(100);
    }
  }
}

async function withAdmin(url: string, use: (admin: pg.Client) => Promise<void>): Promise<void> {
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  try {
    await use(admin);
  } finally {
    await admin.end();
  }
}

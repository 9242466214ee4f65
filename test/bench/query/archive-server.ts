import { fork } from 'node:child_process';
import path from 'node:path';
import pg from 'pg';
import { z } from 'zod';

export interface DatabaseSize {
  readonly bytes: number;
  readonly rows: Readonly<Record<string, number>>;
}

export async function databaseSize(url: string): Promise<DatabaseSize> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const total = await client.query<{ bytes: string }>('SELECT pg_database_size(current_database()) AS bytes');
    const tables = await client.query<{ name: string; rows: number }>(
      `SELECT relname AS name, reltuples::int AS rows FROM pg_class
       WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reltuples > 0 ORDER BY reltuples DESC`,
    );
    return {
      bytes: Number(total.rows[0]?.bytes ?? 0),
      rows: Object.fromEntries(tables.rows.map(({ name, rows }) => [name, rows])),
    };
  } finally {
    await client.end();
  }
}

const Ready = z.object({ type: z.literal('ready'), url: z.url() });

/** The server as an operator runs it: a process of its own. */
export async function startServer(
  root: string,
  databaseUrl: string,
  dataDir: string,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const child = fork(path.join(root, 'dist/apps/server/src/main.js'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      ENVARIUM_DATA_DIR: dataDir,
      ENVARIUM_PORT: '0',
      ENVARIUM_LOG_LEVEL: 'warn',
    },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    child.on('message', (message) => {
      const ready = Ready.safeParse(message);
      if (ready.success) resolve(ready.data.url);
    });
    child.once('exit', (code) => reject(new Error(`the server ended with ${code} before it was ready`)));
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  return { url, stop };
}

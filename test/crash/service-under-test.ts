import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseConfig } from '@envarium/config';
import { deployMigrations, type EmbeddedPostgres, startEmbeddedPostgres } from '@envarium/database';
import type { INestApplicationContext } from '@nestjs/common';
import pg from 'pg';
import { z } from 'zod';
import { createContext } from '../../apps/resolver/src/create-context.js';
import { FilesystemUnderTest } from './filesystem-under-test.js';
import { TOKEN } from './installation.js';
import { S3UnderTest } from './s3-under-test.js';
import type { StoreUnderTest } from './store-under-test.js';

// Built, this file is two levels deeper than the package.
const root = path.resolve(import.meta.dirname, '../../..');
const Ready = z.object({ type: z.literal('ready'), url: z.url() });

/** Where S3 servers are built to when nobody says where. */
const TOOLS = process.env['ENVARIUM_TOOLS_DIR'] ?? '/opt/envarium-tools';

/**
 * A database, an object store and a server process that can be killed and started again at once, as often as one likes:
 * the launcher gives a service up that dies too often. What the resolver does is asked for in this process.
 */
export class ServiceUnderTest {
  private server: ChildProcess | null = null;
  private address = '';
  private resolver: INestApplicationContext | null = null;

  private constructor(
    readonly directory: string,
    readonly store: StoreUnderTest,
    private readonly postgres: EmbeddedPostgres,
    private readonly database: pg.Pool,
    private readonly logLevel: string,
  ) {}

  /** @param logLevel `silent` where the server is made to meet what it must complain of */
  static async create(kind: 'filesystem' | 's3', logLevel = 'error'): Promise<ServiceUnderTest> {
    const directory = await mkdtemp(path.join(tmpdir(), 'envarium-crash-'));
    // As root PostgreSQL runs as somebody else, who must be able to get there.
    await chmod(directory, 0o755);
    const store =
      kind === 's3'
        ? await S3UnderTest.start(s3Server(), path.join(directory, 's3'))
        : new FilesystemUnderTest(path.join(directory, 'data'));
    const postgres = await startEmbeddedPostgres({ directory: path.join(directory, 'postgres') });
    await deployMigrations(postgres.url, path.join(root, 'prisma/migrations'));
    const database = new pg.Pool({ connectionString: postgres.url, max: 2 });
    const service = new ServiceUnderTest(directory, store, postgres, database, logLevel);
    // PostgreSQL would go on without us.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => void service.stop().finally(() => process.exit(1)));
    }
    return service;
  }

  get url(): string {
    return this.address;
  }

  /** Resolves with the seconds until the server is ready. */
  async start(): Promise<number> {
    const from = performance.now();
    const server = fork(path.join(root, 'dist/apps/server/src/main.js'), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, ...this.variables() },
    });
    this.server = server;
    this.address = await new Promise<string>((resolve, reject) => {
      server.on('message', (message) => {
        const ready = Ready.safeParse(message);
        if (ready.success) resolve(ready.data.url);
      });
      server.once('exit', (code) => reject(new Error(`the server ended with ${code} before it was ready`)));
    });
    return (performance.now() - from) / 1000;
  }

  /** kill -9, without a chance to tidy up. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Runs SQL beside the server, as an operator with psql would. */
  async sql<T extends object>(text: string, values: unknown[] = []): Promise<T[]> {
    return (await this.database.query<T>(text, values)).rows;
  }

  /** The features as the resolver has them, on the same database and store. */
  async context(): Promise<INestApplicationContext> {
    this.resolver ??= (await createContext(parseConfig(this.variables()))).context;
    return this.resolver;
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
    await this.resolver?.close();
    await this.database.end();
    await this.postgres.stop('immediate');
    await this.store.stop();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** What a process of this installation is started with. */
  variables(): Record<string, string> {
    return {
      ...this.store.variables,
      DATABASE_URL: this.postgres.url,
      ENVARIUM_DATA_DIR: path.join(this.directory, 'data'),
      ENVARIUM_PORT: '0',
      ENVARIUM_ADMIN_TOKEN: TOKEN,
      ENVARIUM_LOG_LEVEL: this.logLevel,
    };
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { server } = this;
    if (server === null || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
  }
}

/** The stricter of the servers at hand: the objects of a versitygw can be made older, and its uploads can be listed. */
function s3Server(): string {
  const servers = (process.env['ENVARIUM_TEST_S3_SERVER'] ?? path.join(TOOLS, 'minio')).split(':');
  return servers.find((server) => path.basename(server) === 'versitygw') ?? servers[0] ?? '';
}

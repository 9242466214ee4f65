import type { DynamicModule, OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { Global, Module } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { ChangeFeed } from './change-feed.js';
import { databaseUnavailable } from './database-error.js';
import { type Prisma, PrismaClient } from './generated/client.js';
import { statementNames } from './statement-names.js';

export interface DatabaseOptions {
  /** `postgresql://user:password@host:port/database` */
  readonly url: string;
  /** Most connections that this process holds at a time. */
  readonly poolSize: number;
}

/** Milliseconds to wait for a connection, new or from the pool, before the request fails as DATABASE_UNAVAILABLE. */
const CONNECTION_TIMEOUT = 10_000;
/** Milliseconds that a transaction may take: its statements may wait for locks of others, or for a disk. */
const TRANSACTION_TIMEOUT = 60_000;

export interface StatementResult<T> {
  readonly rows: T[];
  /** Rows that the statement changed, or gave. */
  readonly count: number;
}

/** int8 as bigint, as Prisma gives it; all else as pg does. */
const TYPES: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => (oid === pg.types.builtins.INT8 ? BigInt : pg.types.getTypeParser(oid, format)),
};

/** The Prisma client of this process. Features inject it and query with it directly. */
export class PrismaService extends PrismaClient implements OnModuleInit, OnApplicationShutdown {
  private readonly url: string;
  private readonly pool: pg.Pool;
  private readonly names = statementNames();

  constructor({ url, poolSize }: DatabaseOptions) {
    const pool = new pg.Pool({
      connectionString: url,
      max: poolSize,
      connectionTimeoutMillis: CONNECTION_TIMEOUT,
      application_name: 'envarium',
    });
    // A lost connection is reported by the query that needs it; without a listener it would end the process.
    pool.on('error', () => undefined);
    super({
      adapter: new PrismaPg(pool, { statementNameGenerator: statementNames(), disposeExternalPool: true }),
      // A transaction waits for its connection as long as a single query does: the pool gives up first, and says why.
      transactionOptions: { maxWait: CONNECTION_TIMEOUT + 5000, timeout: TRANSACTION_TIMEOUT },
    });
    this.url = url;
    this.pool = pool;
  }

  /**
   * One statement in a transaction of its own, on the same connections but past the client: a third of the work, for the few
   * statements that every request of a registry client is made of. Failures are those of pg, which `database-error.ts`
   * knows as well.
   */
  async statement<T>({ text, values }: Prisma.Sql): Promise<StatementResult<T>> {
    const name = this.names({ sql: text });
    const query = { text, values: [...values], types: TYPES, ...(name !== '' && { name }) };
    const { rows, rowCount } = await this.pool.query<pg.QueryResultRow>(query);
    return { rows: rows as T[], count: rowCount ?? 0 };
  }

  /** @throws ArchiveError DATABASE_UNAVAILABLE with host, port, database and reason, never with the password */
  async onModuleInit(): Promise<void> {
    try {
      // With a driver adapter `$connect` opens nothing, so it alone would let a wrong password pass.
      await this.$queryRaw`SELECT 1`;
    } catch (error) {
      throw databaseUnavailable(this.url, error);
    }
  }

  /** After the server has stopped listening: requests that were under way still need their connections. */
  async onApplicationShutdown(): Promise<void> {
    await this.$disconnect();
  }
}

@Global()
@Module({})
export class DatabaseModule {
  static forRoot(options: DatabaseOptions): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [
        { provide: PrismaService, useFactory: () => new PrismaService(options) },
        { provide: ChangeFeed, useFactory: () => new ChangeFeed(options.url) },
      ],
      exports: [PrismaService, ChangeFeed],
    };
  }
}

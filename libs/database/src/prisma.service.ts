import type { DynamicModule, OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { Global, Module } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import { ChangeFeed } from './change-feed.js';
import { databaseUnavailable } from './database-error.js';
import { PrismaClient } from './generated/client.js';
import { statementNames } from './statement-names.js';

export interface DatabaseOptions {
  /** `postgresql://user:password@host:port/database` */
  readonly url: string;
  /** Most connections that this process holds at a time. */
  readonly poolSize: number;
}

/** Milliseconds to wait for a connection, new or from the pool, before the request fails as DATABASE_UNAVAILABLE. */
const CONNECTION_TIMEOUT = 10_000;

/** The Prisma client of this process. Features inject it and query with it directly. */
export class PrismaService extends PrismaClient implements OnModuleInit, OnApplicationShutdown {
  private readonly url: string;

  constructor({ url, poolSize }: DatabaseOptions) {
    super({
      adapter: new PrismaPg(
        {
          connectionString: url,
          max: poolSize,
          connectionTimeoutMillis: CONNECTION_TIMEOUT,
          application_name: 'envarium',
        },
        { statementNameGenerator: statementNames() },
      ),
    });
    this.url = url;
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

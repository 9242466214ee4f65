import { randomUUID } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import pg from 'pg';

// https://github.com/postgres/postgres/blob/REL_18_STABLE/src/include/catalog/pg_type.dat
const OID_CHAR = 18;
const OID_BPCHAR = 1042;

/**
 * Connections as the schema engine needs them. `@prisma/adapter-pg` 7.10 alone cannot stand in for the native engine:
 * it rejects catalogue columns of type "char", splits scripts at every `;` (which breaks `$$` bodies and atomicity),
 * and its shadow database *is* the real one, because pg lets `connectionString` win over `database`.
 */
export class MigrationConnections implements SqlMigrationAwareDriverAdapterFactory {
  readonly provider = 'postgres';
  readonly adapterName = '@prisma/adapter-pg';
  private readonly open = new Set<SqlDriverAdapter>();

  constructor(private readonly url: string) {}

  async connect(): Promise<SqlDriverAdapter> {
    return this.connectTo(this.url);
  }

  /** A new, empty database on the same server, dropped when the engine disposes of the connection. */
  async connectToShadowDb(): Promise<SqlDriverAdapter> {
    const name = `envarium_shadow_${randomUUID()}`;
    const admin = await this.connectTo(this.url);
    await admin.executeScript(`CREATE DATABASE "${name}" TEMPLATE template0`);

    const shadowUrl = new URL(this.url);
    shadowUrl.pathname = `/${name}`;
    return this.connectTo(shadowUrl.href, async () => {
      await admin.executeScript(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
      await admin.dispose();
    });
  }

  /** The engine's advisory lock is a session lock: it lasts until its connection is closed, so all of them must be. */
  async disposeAll(): Promise<void> {
    for (const connection of this.open) await connection.dispose();
  }

  private async connectTo(url: string, afterDispose = async (): Promise<void> => {}): Promise<SqlDriverAdapter> {
    const { pool, charColumns } = cataloguePool(url);
    const adapter = await new PrismaPg(pool, { disposeExternalPool: true }).connect();

    const connection: SqlDriverAdapter = {
      provider: adapter.provider,
      adapterName: adapter.adapterName,
      queryRaw: async (query) => {
        const result = await adapter.queryRaw(query);
        for (const index of charColumns.get(result.rows) ?? []) result.columnTypes[index] = ColumnTypeEnum.Character;
        return result;
      },
      executeRaw: (query) => adapter.executeRaw(query),
      // Without arguments pg sends the text as one simple query, which PostgreSQL runs as one transaction.
      executeScript: async (script) => {
        await adapter.executeRaw({ sql: script, args: [], argTypes: [] });
      },
      startTransaction: (isolationLevel) => adapter.startTransaction(isolationLevel),
      getConnectionInfo: () => adapter.getConnectionInfo(),
      dispose: async () => {
        if (!this.open.delete(connection)) return;
        await adapter.dispose();
        await afterDispose();
      },
    };
    this.open.add(connection);
    return connection;
  }
}

/**
 * A pool of one connection whose answers call "char" columns `bpchar`, which the driver adapter takes. The engine needs
 * them as characters again (as text it panics), so `charColumns` remembers, by the array of rows, which ones they were.
 */
function cataloguePool(url: string) {
  const charColumns = new WeakMap<object, number[]>();
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  const query = pool.query.bind(pool);

  Object.defineProperty(pool, 'query', {
    value: async (config: pg.QueryArrayConfig) => {
      const result = await query(config);
      // A script of several statements has several results; nobody reads their columns.
      if (Array.isArray(result)) return result;
      const indexes: number[] = [];
      for (const [index, field] of result.fields.entries()) {
        if (field.dataTypeID !== OID_CHAR) continue;
        field.dataTypeID = OID_BPCHAR;
        indexes.push(index);
      }
      if (indexes.length > 0) charColumns.set(result.rows, indexes);
      return result;
    },
  });
  return { pool, charColumns };
}

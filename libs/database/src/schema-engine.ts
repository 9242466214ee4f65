import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import type { SchemaEngine } from '@prisma/schema-engine-wasm';
import * as engineModule from '@prisma/schema-engine-wasm/schema_engine_bg';
import { MigrationConnections } from './migration-connection.js';

/** A panic of the engine arrives here as text; what JavaScript sees is only "unreachable". */
const panic = {
  message: '',
  set_message(message: string) {
    this.message = message;
  },
};

let loading: Promise<void> | undefined;

/** Prisma's schema engine compiled to WebAssembly: the same source, without the download of a native program. */
async function loadEngine(): Promise<void> {
  const entry = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const wasm = await WebAssembly.compile(await readFile(path.join(path.dirname(entry), 'schema_engine_bg.wasm')));
  const { exports } = await WebAssembly.instantiate(wasm, { './schema_engine_bg.js': { ...engineModule } });
  engineModule.__wbg_set_wasm(exports);
  const start = exports['__wbindgen_start'];
  if (typeof start === 'function') start();
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: panic });
}

/**
 * Runs `use` with a schema engine on the database of `url`, then closes every connection that the engine opened.
 * The engine leaves a timer of ten seconds behind, so a command-line program has to end by `process.exit`.
 * @throws Error of the engine: `message` is for people, `code` (P3009, ...) is set where Prisma documents one
 */
export async function withSchemaEngine<T>(url: string, use: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  loading ??= loadEngine();
  await loading;

  const connections = new MigrationConnections(url);
  let engine: SchemaEngine | undefined;
  try {
    const factory = bindMigrationAwareSqlAdapterFactory(connections);
    engine = await engineModule.SchemaEngine.new({ datamodels: undefined }, () => {}, factory);
    return await use(engine);
  } catch (error) {
    if (panic.message === '') throw error;
    throw new Error(`schema engine: ${panic.message}`, { cause: error });
  } finally {
    engine?.free();
    await connections.disposeAll();
  }
}

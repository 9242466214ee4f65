import 'reflect-metadata';
import { loadConfig } from '@envarium/config';
import { describeFailure } from '@envarium/process';
import { createContext } from './create-context.js';
import { reindex } from './reindex/reindex.js';

/** `envarium reindex`: rebuilds every archival row of an empty database from the object store alone. */
try {
  const { context } = await createContext(loadConfig());
  const { entries } = await reindex(context, (done) => process.stderr.write(`\r${done} journal entries`));
  process.stderr.write('\n');
  process.stdout.write(`${entries} journal entries replayed; the database is an index of the object store again.\n`);
  await context.close();
} catch (error) {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = 1;
}

import 'reflect-metadata';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { environmentExample, parseConfig } from '@envarium/config';
import { deployMigrations, startEmbeddedPostgres } from '@envarium/database';
import { createApp } from './create-app.js';
import { graphqlSchema } from './graphql/print-schema.js';
import { openApiDocument } from './openapi.js';

/**
 * `npm run generate`: writes what is derived from the code and committed, so that a review shows what changes for users.
 * With `--check` it writes nothing and fails when a file is not what the code says.
 */
const root = path.resolve(import.meta.dirname, '../../../..');

async function generated(): Promise<Record<string, string>> {
  const directory = await mkdtemp(path.join(tmpdir(), 'envarium-generate-'));
  const postgres = await startEmbeddedPostgres({ directory: path.join(directory, 'postgres'), isDurable: false });
  try {
    await deployMigrations(postgres.url, path.join(root, 'prisma/migrations'));
    const config = parseConfig({
      DATABASE_URL: postgres.url,
      ENVARIUM_DATA_DIR: directory,
      ENVARIUM_LOG_LEVEL: 'error',
    });
    const { app } = await createApp(config);
    await app.init();
    const files = {
      'apps/server/openapi.json': `${JSON.stringify(openApiDocument(app), null, 2)}\n`,
      'apps/server/schema.graphql': graphqlSchema(app),
      '.env.example': environmentExample(),
    };
    await app.close();
    return files;
  } finally {
    await postgres.stop('immediate');
    await rm(directory, { recursive: true, force: true });
  }
}

const isCheck = process.argv.includes('--check');
for (const [name, content] of Object.entries(await generated())) {
  const file = path.join(root, name);
  const current = await readFile(file, 'utf8').catch(() => null);
  if (current === content) continue;
  if (isCheck) {
    process.stderr.write(`${name} is not what the code says: run npm run generate\n`);
    process.exitCode = 1;
  } else {
    await writeFile(file, content);
    process.stdout.write(`${name} written\n`);
  }
}
// The migration engine leaves a timer behind.
process.exit();

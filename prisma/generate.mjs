// Makes the Prisma client from schema.prisma, without a network: node prisma/generate.mjs [--force]
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const schema = path.join(root, 'prisma/schema.prisma');
const output = path.join(root, 'libs/database/src/generated');
const stampFile = path.join(output, '.stamp');
const require = createRequire(import.meta.url);

const stamp = createHash('sha256')
  .update(require('prisma/package.json').version)
  .update(readFileSync(schema))
  .update(readFileSync(import.meta.filename))
  .digest('hex');

if (!process.argv.includes('--force') && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
  process.exit(0);
}

// The generator never calls the native schema engine, yet the command line would download it first. Any program
// that can be run satisfies the check. It must not leak further: with it `prisma migrate` does nothing and exits 0.
const { status, error } = spawnSync(
  process.execPath,
  [require.resolve('prisma/build/index.js'), 'generate', '--schema', schema, '--no-hints'],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      CHECKPOINT_DISABLE: '1',
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
    },
  },
);
if (error !== undefined) throw error;
if (status === 0) writeFileSync(stampFile, stamp);
process.exit(status ?? 1);

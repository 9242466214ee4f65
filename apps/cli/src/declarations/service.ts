import type { Command as Commander } from 'commander';
import type { Run } from '../program.js';

export function declareService(program: Commander, run: Run): void {
  program.commandsGroup('Run the service:');

  program
    .command('up')
    .description('run everything on this machine: PostgreSQL, server and resolver')
    .option('--quiet', 'print only what goes wrong, and a new administrator token')
    .addHelpText(
      'after',
      `
Settings are environment variables: ENVARIUM_PORT, ENVARIUM_DATA_DIR, DATABASE_URL and others, see .env.example.
With DATABASE_URL that PostgreSQL is used; without it one is run in the data directory. Ctrl-C stops everything.

Example:
  $ ENVARIUM_PORT=8080 ENVARIUM_DATA_DIR=/srv/envarium envarium up`,
    )
    .action(run(() => import('../commands/up.js').then(({ up }) => up)));

  program
    .command('executors')
    .description('find out what this machine can build and run images with, by doing it')
    .addHelpText(
      'after',
      `
Recipes are rebuilt, and runs repeated, where the resolver runs: by buildah or podman with runc, as root.

Example:
  $ envarium executors`,
    )
    .action(run(() => import('../commands/executors.js').then(({ executors }) => executors)));

  program
    .command('reindex')
    .description('rebuild the archival rows of the database from the object store alone')
    .addHelpText(
      'after',
      `
For an empty database, as after its loss; the service must not be running. Settings are those of \`envarium up\`.

Example:
  $ ENVARIUM_DATA_DIR=/srv/envarium envarium reindex`,
    )
    .action(run(() => import('../commands/reindex.js').then(({ reindex }) => reindex)));
}

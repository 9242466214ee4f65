import type { Command as Commander } from 'commander';
import type { Run } from '../program.js';

/** In the group of the deposits. */
export function declareIngest(program: Commander, run: Run): void {
  const ingest = program
    .command('ingest')
    .description('let the server copy an image from another registry: all platforms, referrers, signatures')
    .argument('<source>', 'as in docker://registry.example.org/lab/eeg:v1; also by @sha256:...')
    .argument('<repository>', 'where it goes, as in lab/eeg')
    .option('--tag <tag>', 'tag that it gets; default: its tag there')
    .option('--username <name>', 'of the other registry; the password is read from standard input')
    .option('--password-stdin', 'read the password, or a token, from the first line of standard input')
    .option('--detach', 'do not wait for its end')
    .addHelpText(
      'after',
      `
The digest stays what it is. The server does the work: Ctrl-C ends the waiting, not the copy. A copy that failed can be
asked for again; what came in is not fetched twice. Private addresses must be permitted by the operator.

Examples:
  $ envarium ingest docker://registry.example.org/lab/eeg:v1 lab/eeg
  $ envarium ingest docker://registry.example.org/lab/eeg:v1 lab/eeg --username ana --password-stdin < password.txt
  $ envarium ingest watch 01JB3Z9S8Q0Q0Q0Q0Q0Q0Q0Q0Q`,
    )
    .action(run(() => import('../commands/ingest.js').then(({ startIngest }) => startIngest)));
  ingest
    .command('watch')
    .description('wait for the end of an ingest')
    .argument('<id>', 'as `envarium ingest` printed it')
    .action(run(() => import('../commands/ingest.js').then(({ watchIngest }) => watchIngest)));
  ingest
    .command('cancel')
    .description('stop an ingest; what was transferred stays')
    .argument('<id>', 'as `envarium ingest` printed it')
    .action(run(() => import('../commands/ingest.js').then(({ cancelIngest }) => cancelIngest)));
  ingest
    .command('list')
    .description('list the ingests of a repository, newest first')
    .argument('<repository>', 'as in lab/eeg')
    .action(run(() => import('../commands/ingest.js').then(({ listIngests }) => listIngests)));
}

import { type Command as Commander, Option } from 'commander';
import type { Run } from '../program.js';

const VERSION = 'as in lab/eeg@v1; without @vN the newest';
const ID = 'as the request for it printed it';
const EXITS = `
The server does the work: Ctrl-C ends the waiting, not the job.

Exit codes of jobs, beside the others: 10 it came to another result, 11 bytes for a rebuild are missing, 12 it cannot be
done or is refused, 13 it failed or took too long, 14 it was cancelled.`;

/** In the group of the questions. */
export function declareJobs(program: Commander, run: Run): void {
  const request = (name: string, description: string): Commander =>
    program
      .command(name)
      .description(description)
      .argument('<version>', VERSION)
      .option('--log', 'show what the programs of the job print')
      .option('--detach', 'do not wait for its end');

  request('rehearse', 'record all that a rebuild needs, and prove it by rebuilding with the network off')
    .option('--base <image>', 'image that a recipe made from package files starts from, as in bases/debian:v1')
    .addOption(
      new Option(
        '--toolchain <where>',
        'where interpreters and compilers come from: Debian packages, or the base image',
      )
        .choices(['apt', 'base'])
        .default('apt'),
    )
    .option('--complete', 'also record what lock files name for other platforms')
    .addHelpText('after', `${EXITS}\n\nExample:\n  $ envarium rehearse lab/eeg@v1 --log`)
    .action(run(() => import('../commands/jobs.js').then(({ rehearse }) => rehearse)));
  request('rebuild', 'build the environment again from what is archived, and compare')
    .option(
      '--assisted',
      'fetch bytes of the closure that are missing here from where they came from, if they are the same',
    )
    .addHelpText('after', `${EXITS}\n\nExample:\n  $ envarium rebuild lab/eeg@v1`)
    .action(run(() => import('../commands/jobs.js').then(({ rebuild }) => rebuild)));
  request('rerun', 'repeat what made a figure, and compare the result')
    .argument('<run>', 'identifier of the run, or the label of its figure: "Figure 3"')
    .option('--relative <number>', 'numbers may differ by so much of their size, as in 1e-9')
    .option('--absolute <number>', 'numbers may differ by so much')
    .option('--pixels <share>', 'so many of the pixels of a picture may differ, as in 0.001')
    .addHelpText('after', `${EXITS}\n\nExample:\n  $ envarium rerun lab/eeg@v1 "Figure 3"`)
    .action(run(() => import('../commands/jobs.js').then(({ rerun }) => rerun)));

  const jobs = program.command('jobs').description('list, watch and cancel rehearsals, rebuilds and re-runs');
  jobs
    .command('list')
    .description('list the jobs of a record, newest first')
    .argument('<record>', 'as in lab/eeg')
    .action(run(() => import('../commands/jobs.js').then(({ listJobs }) => listJobs)));
  jobs
    .command('watch')
    .description('wait for the end of a job')
    .argument('<id>', ID)
    .option('--log', 'show what its programs print')
    .action(run(() => import('../commands/jobs.js').then(({ watchJob }) => watchJob)));
  jobs
    .command('log')
    .description('print the log of a job')
    .argument('<id>', ID)
    .action(run(() => import('../commands/jobs.js').then(({ printJobLog }) => printJobLog)));
  jobs
    .command('cancel')
    .description('stop a job')
    .argument('<id>', ID)
    .action(run(() => import('../commands/jobs.js').then(({ cancelJob }) => cancelJob)));
}

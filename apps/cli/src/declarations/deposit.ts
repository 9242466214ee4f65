import { type Command as Commander, Option } from 'commander';
import type { Run } from '../program.js';

const collect = (value: string, before: string[]) => [...before, value];

export function declareDeposit(program: Commander, run: Run): void {
  program.commandsGroup('Deposit:');

  program
    .command('capture')
    .description('collect package files, reports of this machine, and perhaps a run, in one file')
    .usage('[options] [dir] [-- command...]')
    .argument('[dir]', 'directory of the analysis', '.')
    .option('--out <file>', 'where to write; default: DIR/.envarium-capture.tar')
    .option('--input <file>', 'a file the command reads, wherever it lies; repeatable', collect, [])
    .option('--verbatim', 'copy package files as they are, whatever stands in them')
    .addHelpText(
      'after',
      `
Takes package files, lock files, listings and Dockerfiles by their usual names, and asks what is here, without network and
within seconds: lscpu, /proc/cpuinfo, nvidia-smi, dpkg, rpm, pip, conda, R, julia, npm, and numpy for the BLAS library that it
has loaded. Serial numbers, UUIDs, process lists, names of persons and machines, and secrets in addresses are taken out.
Nothing is uploaded. Run it where the analysis ran: inside the container, or on the node of the cluster.

With -- COMMAND the command is run, and recorded: how it ended, how long it took, which files of DIR it read and which it
wrote, by digest. To see what is read, access times of the files of DIR are set back; nothing else of them is touched.

Examples:
  $ envarium capture .
  $ envarium capture . -- python fig3.py --seed 7
  $ envarium capture ~/eeg-analysis --out /tmp/eeg.tar --input /data/eeg.csv -- Rscript fig3.R`,
    )
    .action(run(() => import('../commands/capture.js').then(({ capture }) => capture)));

  program
    .command('deposit')
    .description('deposit a directory, and perhaps an image, as the draft of a record')
    .argument('[place]', 'directory of the analysis, or the file that `envarium capture` wrote', '.')
    .requiredOption('--record <namespace/name>', 'the record: its repository name')
    .option('--image <source>', 'the image: see below; default: the image of the draft that is replaced')
    .option(
      '--platform <os/arch>',
      'of an archive with several platforms only this image: linux/amd64, linux/arm64, ...',
    )
    .option('--all', 'every file of the directory, scripts and data included: what a recipe builds from')
    .option('--title <text>', 'title of the version')
    .option('--description <text>', 'what it is for')
    .option('--private', 'only for members of the namespace, also once published; for a new record')
    .addHelpText(
      'after',
      `
Image sources:
  oci-archive:FILE[:NAME]     as skopeo, podman and buildx write it
  docker-archive:FILE[:NAME]  as docker save and podman save write it; both archives also with gzip
  oci:DIRECTORY[:NAME]        an image layout in a directory
  dir:DIRECTORY               as skopeo copy dir: and podman save --format docker-dir write it
  registry:TAG|sha256:...     pushed to the repository before, with docker push or skopeo copy

A capture is used when there is one, else package files are found by their names. Data files are not deposited, unless
--all is given: do so when the version shall be rebuilt from a Dockerfile or from its package files.
A draft can be deposited again until it is published.

Examples:
  $ envarium deposit . --record lab/eeg --image docker-archive:eeg.tar --title "EEG analysis"
  $ envarium deposit . --record lab/eeg --image registry:v1`,
    )
    .action(run(() => import('../commands/deposit.js').then(({ deposit }) => deposit)));

  program
    .command('publish')
    .description('publish a draft: from then on it never changes and is never deleted')
    .argument('<version>', 'as in lab/eeg@v1')
    .option('--accept-secrets', 'although something in it looks like a secret')
    .addHelpText('after', '\nExample:\n  $ envarium publish lab/eeg@v1')
    .action(run(() => import('../commands/publish.js').then(({ publish }) => publish)));

  program
    .command('link')
    .description('say which figure, table or number of an article came out of a version')
    .argument('<version>', 'a published version, as in lab/eeg@v1')
    .requiredOption('--article <doi>', 'DOI of the article, in any usual spelling')
    .requiredOption('--output <label>', 'as printed: "Figure 3b", "Table S2", "Extended Data Fig. 1"')
    .option('--article-title <text>', 'title of the article')
    .option('--component-doi <doi>', 'DOI of the figure itself, where the publisher gives one')
    .option('--command <command>', 'the command that made it')
    .option(
      '--input <file>',
      'a file the command read; only its hash is sent, unless --archive; repeatable',
      collect,
      [],
    )
    .option('--file <file>', 'a file the command made: the figure itself; repeatable', collect, [])
    .option('--archive', 'keep the files themselves too, so that the run can be repeated: `envarium rerun`')
    .option('--run <capture>', 'a capture with a recorded run: its command, inputs and outputs, where none are given')
    .addOption(
      new Option('--role <role>', 'in which role you say so')
        .choices(['author', 'journal', 'curator'])
        .default('author'),
    )
    .addHelpText(
      'after',
      `
Example:
  $ envarium link lab/eeg@v1 --article 10.5555/12345678 --output "Figure 3" \\
      --command "python fig3.py" --input data.csv --file figure3.svg
  $ envarium link lab/eeg@v1 --article 10.5555/12345678 --output "Figure 3" --run .envarium-capture.tar`,
    )
    .action(run(() => import('../commands/link.js').then(({ link }) => link)));
}

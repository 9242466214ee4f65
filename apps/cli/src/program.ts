import { Command as Commander, Option } from 'commander';
import { declareAccess } from './declarations/access.js';
import { declareDeposit } from './declarations/deposit.js';
import { declareIngest } from './declarations/ingest.js';
import { declareJobs } from './declarations/jobs.js';
import { declareReading } from './declarations/reading.js';
import { declareService } from './declarations/service.js';
import type { Command, CommandInput } from './context.js';
import { EXIT_CODE_HELP } from './exit-codes.js';
import type { Streams } from './output.js';

/** Options that every command takes. */
export interface GlobalOptions {
  readonly json?: boolean;
  readonly server?: string;
  readonly token?: string;
}

/** A command's module is loaded when it is run: the others cost nothing. */
export type LoadCommand = () => Promise<Command>;
export type RunCommand = (load: LoadCommand, options: GlobalOptions, input: CommandInput) => Promise<void>;

/** Turns a loader into a commander action. */
export type Run = (load: LoadCommand) => (this: Commander) => Promise<void>;

const OVERVIEW = `
The story of a figure:
  $ envarium capture . -- python fig3.py             what is installed, what the machine is, what the command did
  $ envarium deposit . --record lab/eeg --image oci-archive:eeg.tar
  $ envarium publish lab/eeg@v1
  $ envarium link lab/eeg@v1 --article 10.5555/12345678 --output "Figure 3" --file figure3.svg
  $ envarium what-ran 10.5555/12345678 "Figure 3"    years later, on another machine
  $ envarium pull lab/eeg@v1                         the exact image, every byte checked

RECORD@vN names a version, by repository (lab/eeg@v2) or by identifier (env-3k7q-9w2x@v2).

Settings, the first that is given counts: --server and --token; ENVARIUM_URL and ENVARIUM_TOKEN; what
\`envarium login\` has saved; http://127.0.0.1:5080 without a token.

${EXIT_CODE_HELP}`;

/** @param rest what stands after `--` */
export function createProgram(
  version: string,
  streams: Streams,
  rest: readonly string[],
  runCommand: RunCommand,
): Commander {
  const program = new Commander('envarium');
  program
    .description('Archive the environment of a result, and get it back: by figure, by record, by digest.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print the help of a command')
    .addOption(new Option('--json', 'print one JSON document on standard output and nothing else there'))
    .addOption(new Option('--server <url>', 'server to talk to'))
    .addOption(new Option('--token <token>', 'access token'))
    .addHelpText('after', OVERVIEW)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => streams.stdout.write(text),
      writeErr: (text) => streams.stderr.write(text),
    })
    .showHelpAfterError('(add --help for what is possible)')
    .exitOverride();

  const run: Run = (load) =>
    async function (this: Commander) {
      await runCommand(load, this.optsWithGlobals<GlobalOptions>(), { args: this.args, options: this.opts(), rest });
    };
  declareDeposit(program, run);
  declareIngest(program, run);
  declareReading(program, run);
  declareJobs(program, run);
  declareAccess(program, run);
  declareService(program, run);
  return program;
}

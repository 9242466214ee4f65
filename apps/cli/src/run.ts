import { CommanderError } from 'commander';
import type { Command, CommandContext, Settings } from './context.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { failureOf } from './failure.js';
import { Output, type Streams } from './output.js';
import { packageVersion } from './package-root.js';
import { createProgram, type GlobalOptions } from './program.js';

/**
 * Runs one command line, whatever happens.
 * @param args without the names of Node and of the program
 */
export async function runCli(args: readonly string[], streams: Streams): Promise<ExitCode> {
  // Also for what fails before the options are known.
  let output = new Output(streams, splitCommandLine(args).own.includes('--json'));
  try {
    const version = packageVersion();
    const { own, rest } = splitCommandLine(args);
    const program = createProgram(version, streams, rest, async (load, options, input) => {
      output = new Output(streams, options.json === true);
      const command: Command = await load();
      await command(createContext(output, version, options), input);
    });
    await program.parseAsync(own, { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    // Commander has said it already, help included.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const failure = failureOf(error);
    output.fail(failure);
    return failure.exitCode;
  }
}

/** Only `capture` runs another command: elsewhere `--` ends the options, as usual. */
function splitCommandLine(args: readonly string[]): { own: readonly string[]; rest: readonly string[] } {
  const at = args.indexOf('--');
  if (at === -1 || !args.slice(0, at).includes('capture')) return { own: args, rest: [] };
  return { own: args.slice(0, at), rest: args.slice(at + 1) };
}

function createContext(output: Output, version: string, options: GlobalOptions): CommandContext {
  const settings = () => readSettings(options);
  const connect = async () => (await import('./client/connect.js')).connect(await settings(), version);
  return { output, version, settings, connect };
}

async function readSettings(options: GlobalOptions): Promise<Settings> {
  const { readCliSettings } = await import('@envarium/config');
  const settings = readCliSettings();
  return {
    ...settings,
    serverUrl: options.server ?? settings.serverUrl,
    token: options.token ?? settings.token,
  };
}

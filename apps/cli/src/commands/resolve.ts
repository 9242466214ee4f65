import type { Resolution, ResolvedEnvironment } from '@envarium/schema';
import { z } from 'zod';
import type { CommandContext, CommandInput } from '../context.js';
import { notFound, usageError } from '../failure.js';
import { readLocalMachine } from '../local-machine.js';
import { type AskedMachine, environmentLines, resolutionLines } from '../text/resolution-text.js';

const Options = z.object({
  architecture: z.string().optional(),
  isaLevel: z.string().optional(),
  for: z.string().optional(),
});
type Options = z.infer<typeof Options>;

/** A DOI in any usual spelling. A repository name may begin with 10. too, but then says its version. */
const DOI = /^(?:doi:|(?:https?:\/\/)?(?:dx\.)?doi\.org\/)?10\.\d{4,9}(?:\.\d+)*(?:\/|%2f)/i;

export async function resolve(context: CommandContext, { args, options }: CommandInput): Promise<void> {
  const [what = '', label] = args;
  const asked = Options.parse(options);
  const question = questionOf(what, label);
  const machine = await machineOf(asked);
  const { api } = await context.connect();
  const isThis = asked.architecture === undefined;
  if ('version' in question) {
    const resolution = await api.resolution(question.version, machine);
    if (asked.for !== undefined) return paste(context, [resolution], asked.for);
    return context.output.result({ machine, ...resolution }, resolutionLines(resolution, machine, isThis));
  }
  const { items, isComplete } = await api.resolve({ ...question, ...machine });
  if (items.length === 0) throw nothingKnown(what, label);
  if (asked.for !== undefined) return paste(context, resolutionsOf(items), asked.for);
  context.output.result({ machine, items, isComplete }, blocks(items, machine, isThis));
  if (!isComplete) context.output.remark('There are more; these are the newest. `envarium what-ran` lists all claims.');
}

type AskedEnvironment =
  | { readonly version: string }
  | { readonly image: string }
  | { readonly doi: string; readonly output?: string };

function questionOf(what: string, label: string | undefined): AskedEnvironment {
  if (label !== undefined) return { doi: what, output: label };
  if (what.startsWith('sha256:')) {
    if (/^sha256:[0-9a-f]{64}$/.test(what)) return { image: what };
    throw usageError(`${what} is not a digest`, 'Write it as sha256:<64 hex digits>, all of them.');
  }
  return DOI.test(what) && !/@v\d+$/.test(what) ? { doi: what } : { version: what };
}

/** Another machine is described by its options alone: nothing of this one may be mixed in. */
async function machineOf({ architecture, isaLevel }: Options): Promise<AskedMachine> {
  if (architecture !== undefined) return { architecture, ...(isaLevel !== undefined && { isaLevel }) };
  const local = await readLocalMachine();
  const level = isaLevel ?? local.cpu?.isaLevel?.value;
  return {
    ...(local.architecture !== null && { architecture: local.architecture.value }),
    ...(level !== undefined && { isaLevel: level }),
  };
}

/** What to paste for one client, by the best route that has something for it. */
function paste({ output }: CommandContext, resolutions: readonly Resolution[], client: string): void {
  const [best, another] = resolutions;
  // Two environments are not to be mixed up by a pipe.
  if (best === undefined || another !== undefined) {
    throw usageError(`${resolutions.length} environments are meant`, 'Name the version of one: lab/eeg@v1.');
  }
  for (const { kind, grade, commands } of best.routes) {
    const command = commands.find((each) => each.client === client);
    if (command === undefined) continue;
    return output.result({ kind, grade, ...command }, [command.text.trimEnd()]);
  }
  throw notFound(`no route has anything to paste for ${client}`, 'Without --for all routes are shown.');
}

function resolutionsOf(items: readonly ResolvedEnvironment[]): Resolution[] {
  return items.map(({ resolution }) => resolution);
}

function blocks(items: readonly ResolvedEnvironment[], machine: AskedMachine, isThis: boolean): string[] {
  return items.flatMap((item, index) => [...(index === 0 ? [] : ['']), ...environmentLines(item, machine, isThis)]);
}

function nothingKnown(what: string, label: string | undefined): Error {
  return notFound(
    `nothing is known of ${[what, label].filter((part) => part !== undefined).join(', ')}`,
    'Check the spelling. Private records are shown to their members only: `envarium login`.',
  );
}

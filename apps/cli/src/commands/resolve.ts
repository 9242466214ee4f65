import type { HardwareFingerprint, Resolution, ResolvedEnvironment } from '@envarium/schema';
import { z } from 'zod';
import type { ApiClient } from '../client/api-client.js';
import type { CommandContext, CommandInput } from '../context.js';
import { notFound, usageError } from '../failure.js';
import { readLocalMachine, readMachineFiles } from '../local-machine.js';
import { type AskedMachine, environmentLines, resolutionLines } from '../text/resolution-text.js';

const Options = z.object({
  architecture: z.string().optional(),
  isaLevel: z.string().optional(),
  kernel: z.string().optional(),
  hardware: z.array(z.string()).default([]),
  for: z.string().optional(),
});
type Options = z.infer<typeof Options>;

/** A DOI in any usual spelling. A repository name may begin with 10. too, but then says its version. */
const DOI = /^(?:doi:|(?:https?:\/\/)?(?:dx\.)?doi\.org\/)?10\.\d{4,9}(?:\.\d+)*(?:\/|%2f)/i;

export async function resolve(context: CommandContext, { args, options }: CommandInput): Promise<void> {
  const [what = '', label] = args;
  const asked = Options.parse(options);
  const question = questionOf(what, label);
  const { machine, fingerprint } = await machineOf(asked);
  const { api } = await context.connect();
  const isThis = asked.architecture === undefined && asked.hardware.length === 0;
  if ('version' in question) {
    const resolution = await withFit(api, await api.resolution(question.version, machine), fingerprint);
    if (asked.for !== undefined) return paste(context, [resolution], asked.for);
    return context.output.result({ machine, ...resolution }, resolutionLines(resolution, machine, isThis));
  }
  const answer = await api.resolve({ ...question, ...machine });
  const { isComplete } = answer;
  const items = await Promise.all(
    answer.items.map(async (item) => ({ ...item, resolution: await withFit(api, item.resolution, fingerprint) })),
  );
  if (items.length === 0) throw nothingKnown(what, label);
  if (asked.for !== undefined) return paste(context, resolutionsOf(items), asked.for);
  context.output.result({ machine, items, isComplete }, blocks(items, machine, isThis));
  if (!isComplete) context.output.remark('There are more; these are the newest. `envarium what-ran` lists all claims.');
}

/** Flags, kernel and GPU say more than an architecture does; a query has no room for them. */
async function withFit(
  api: ApiClient,
  resolution: Resolution,
  fingerprint: HardwareFingerprint | null,
): Promise<Resolution> {
  if (fingerprint === null) return resolution;
  const { fit } = await api.fit(`${resolution.recordId}@v${resolution.version}`, fingerprint);
  return { ...resolution, fit };
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

interface DescribedMachine {
  readonly machine: AskedMachine;
  /** Null: described by its options alone. */
  readonly fingerprint: HardwareFingerprint | null;
}

/** Of another machine nothing of this one may be mixed in. */
async function machineOf({ architecture, isaLevel, kernel, hardware }: Options): Promise<DescribedMachine> {
  if (architecture !== undefined) {
    if (hardware.length > 0)
      throw usageError('--architecture and --hardware describe two machines', 'Give one of them.');
    const more = { ...(isaLevel !== undefined && { isaLevel }), ...(kernel !== undefined && { kernel }) };
    return { machine: { architecture, ...more }, fingerprint: null };
  }
  if (kernel !== undefined) throw usageError('--kernel is that of another machine', 'Give its --architecture too.');
  const described = hardware.length === 0 ? await readLocalMachine() : await readMachineFiles(hardware);
  const level = isaLevel ?? described.cpu?.isaLevel?.value;
  return {
    machine: {
      ...(described.architecture !== null && { architecture: described.architecture.value }),
      ...(level !== undefined && { isaLevel: level }),
    },
    // A level that is given stands for another machine than the one with these flags.
    fingerprint: isaLevel === undefined ? described : null,
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

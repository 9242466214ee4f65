import type { FitReport, Route } from '@envarium/schema';
import { z } from 'zod';
import type { CommandContext, CommandInput } from '../context.js';
import { readLocalMachine } from '../local-machine.js';
import { fields } from '../text/table.js';
import { formatSize } from '../text/size.js';
import { day, pullLines } from '../text/version-text.js';

const Options = z.object({ architecture: z.string().optional(), isaLevel: z.string().optional() });

export async function resolve(context: CommandContext, { args, options }: CommandInput): Promise<void> {
  const [reference = ''] = args;
  const asked = Options.parse(options);
  const machine = await machineOf(asked);
  const { api } = await context.connect();
  const resolution = await api.resolution(reference, machine);
  const { routes, attempts, fit } = resolution;
  context.output.result({ machine, ...resolution }, [
    ...routes.flatMap((route, index) => routeLines(route, index + 1)),
    ...attempts.map(({ source, outcome, reason }) => `Tried ${source}: ${outcome}: ${reason}`),
    ...(routes.length === 0 ? ['No way back is known.'] : []),
    ...(fit === null ? [] : fitLines(fit, machine, asked.architecture === undefined)),
  ]);
}

interface AskedMachine {
  readonly architecture?: string;
  readonly isaLevel?: string;
}

/** Another machine is described by its options alone: nothing of this one may be mixed in. */
async function machineOf({ architecture, isaLevel }: z.infer<typeof Options>): Promise<AskedMachine> {
  if (architecture !== undefined) return { architecture, ...(isaLevel !== undefined && { isaLevel }) };
  const local = await readLocalMachine();
  const level = isaLevel ?? local.cpu?.isaLevel?.value;
  return {
    ...(local.architecture !== null && { architecture: local.architecture.value }),
    ...(level !== undefined && { isaLevel: level }),
  };
}

function routeLines({ kind, grade, explanation, provenAt, fixity, pull }: Route, rank: number): string[] {
  const proof = provenAt === null ? 'not proven yet' : `proven ${day(provenAt)}`;
  return [
    `${rank}. ${kind}: ${grade}, ${proof}`,
    ...fields([
      ['why', explanation],
      ['bytes', fixity === null ? null : fixityText(fixity)],
      ['get it', pull === null ? null : pullLines(pull)],
    ]),
  ];
}

function fixityText({ blobCount, size, checkedAt, damaged }: NonNullable<Route['fixity']>): string {
  const checked = checkedAt === null ? 'not all read back yet' : `all read back since ${day(checkedAt)}`;
  const state = damaged.length === 0 ? checked : `${damaged.length} damaged or missing: ${damaged.join(', ')}`;
  return `${blobCount} blobs, ${formatSize(size)}, ${state}`;
}

function fitLines(
  { willItStart, bitsMatch }: FitReport,
  { architecture, isaLevel }: AskedMachine,
  isThis: boolean,
): string[] {
  return [
    `On ${isThis ? 'this' : 'such a'} machine (${[architecture, isaLevel].filter((part) => part !== undefined).join(', ') || 'unknown'}):`,
    ...fields([
      ['will it start?', [willItStart.verdict, ...willItStart.reasons]],
      ['same numbers?', [bitsMatch.verdict, ...bitsMatch.reasons]],
    ]),
  ];
}

import { z } from 'zod';
import type { PageRequest } from '../client/api-client.js';
import type { CommandContext, CommandInput } from '../context.js';
import { usageError } from '../failure.js';
import { hashFile } from '../hash-file.js';
import { parseCount } from '../option-values.js';
import { contentUseLines, machineUseLines, packageUseLines, summaryLines } from '../text/use-text.js';

const PAGE = 1000;
const DEFAULT_LIMIT = 50;

const Limit = z.object({ limit: z.string().optional() });
const UsedByOptions = Limit.extend({
  ecosystem: z.string(),
  undecidable: z.boolean().optional(),
  unknown: z.boolean().optional(),
});
const RanOnOptions = Limit.extend({
  microarchitecture: z.string().optional(),
  gpu: z.string().optional(),
  gpuDriver: z.string().optional(),
  cpu: z.string().optional(),
  architecture: z.string().optional(),
  isaLevel: z.string().optional(),
});

/** "Which results used numpy older than 1.22?" */
export async function usedBy(context: CommandContext, { args, options }: CommandInput): Promise<void> {
  const [name = '', range = '*'] = args;
  const { ecosystem, undecidable, unknown, limit } = UsedByOptions.parse(options);
  if (undecidable && unknown) throw usageError('too much is asked for', 'Give --undecidable or --unknown, not both.');
  const answer = undecidable ? 'undecidable' : unknown ? 'unknown' : 'uses';
  const { api } = await context.connect();
  const first = await api.packageUses(ecosystem, name, { range, answer, ...firstPage(limit) });
  const { items, next } = await further(first, limit, async (page) => {
    return await api.packageUses(ecosystem, name, { range, answer, ...page });
  });
  const { summary } = first;
  context.output.result({ summary, items, next }, [
    ...items.flatMap(packageUseLines),
    ...(summary === null ? [] : summaryLines(summary, answer)),
  ]);
  if (next !== null) context.output.remark(`These are the first ${items.length}; there are more: --limit.`);
}

export async function ranOn(context: CommandContext, { options }: CommandInput): Promise<void> {
  const { limit, ...question } = RanOnOptions.parse(options);
  if (Object.values(question).every((value) => value === undefined))
    throw usageError('say what the machine was', 'Give --gpu, --microarchitecture, --cpu, or another option.');
  const { api } = await context.connect();
  const ask = async (page: PageRequest) => await api.machineUses({ ...question, ...page });
  const { items, next } = await further(await ask(firstPage(limit)), limit, ask);
  const lines = items.length === 0 ? ['No version whose hardware report is known ran there.'] : [];
  context.output.result({ items, next }, [...items.flatMap(machineUseLines), ...lines]);
  if (next !== null) context.output.remark(`These are the first ${items.length}; there are more: --limit.`);
}

export async function sharedBy(context: CommandContext, { args, options }: CommandInput): Promise<void> {
  const [what = ''] = args;
  const { limit } = Limit.parse(options);
  const digest = /^sha(256|512):/.test(what) ? what : (await hashFile(what)).digest;
  const { api } = await context.connect();
  const ask = async (page: PageRequest) => await api.contentUses(digest, page);
  const { items, next } = await further(await ask(firstPage(limit)), limit, ask);
  const lines = items.length === 0 ? [`No version is known to hold ${digest}.`] : [];
  context.output.result({ digest, items, next }, [...items.flatMap(contentUseLines), ...lines]);
  if (next !== null) context.output.remark(`These are the first ${items.length}; there are more: --limit.`);
}

function wantedOf(limit: string | undefined): number {
  return limit === undefined ? DEFAULT_LIMIT : parseCount('--limit', limit);
}

function firstPage(limit: string | undefined): PageRequest {
  return { limit: Math.min(PAGE, wantedOf(limit)) };
}

/** All pages that are wanted, as one. */
async function further<T>(
  first: { readonly items: readonly T[]; readonly next: string | null },
  limit: string | undefined,
  ask: (page: PageRequest) => Promise<{ readonly items: readonly T[]; readonly next: string | null }>,
): Promise<{ items: T[]; next: string | null }> {
  const wanted = wantedOf(limit);
  const items = [...first.items];
  let { next } = first;
  while (next !== null && items.length < wanted) {
    const page = await ask({ limit: Math.min(PAGE, wanted - items.length), cursor: next });
    items.push(...page.items);
    next = page.next;
  }
  return { items, next };
}

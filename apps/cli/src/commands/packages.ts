import type { PackageHit } from '@envarium/schema';
import { z } from 'zod';
import type { CommandContext, CommandInput } from '../context.js';
import { parseCount } from '../option-values.js';
import { coverageLines } from '../text/coverage-text.js';
import { table } from '../text/table.js';

const Options = z.object({ limit: z.string().optional() });
const PAGE = 1000;

export async function packages(context: CommandContext, { args, options }: CommandInput): Promise<void> {
  const [reference = ''] = args;
  const { limit } = Options.parse(options);
  const wanted = limit === undefined ? Infinity : parseCount('--limit', limit);
  const { api } = await context.connect();
  const coverage = await api.coverage(reference);

  const items: PackageHit[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.packages(reference, { limit: Math.min(PAGE, wanted - items.length), cursor });
    items.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && items.length < wanted);

  const rows = items.map(({ ecosystem, name, version, build, scope, standing }) => [
    ecosystem,
    name,
    version,
    build,
    scope,
    standing,
  ]);
  const lines =
    items.length === 0
      ? ['No packages with an exact version are known of this version.']
      : table(['ecosystem', 'name', 'version', 'build', 'scope', 'standing'], rows);
  context.output.result({ items, coverage }, [...lines, '', ...coverageLines(coverage)]);
  if (cursor !== undefined) context.output.remark(`The first ${items.length}; there are more.`);
}

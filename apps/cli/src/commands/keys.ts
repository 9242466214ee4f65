import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { CommandContext, CommandInput } from '../context.js';
import { table } from '../text/table.js';
import { count } from '../text/version-text.js';

const Options = z.object({ output: z.string().optional() });

export async function keys(context: CommandContext, { options }: CommandInput): Promise<void> {
  const { output: file } = Options.parse(options);
  const { api } = await context.connect();
  const { items } = await api.keys();
  if (file !== undefined) await writeFile(file, items.map(({ pem }) => pem).join(''));
  const rows = items.map(({ keyId, createdAt, retiredAt }) => [
    keyId,
    createdAt,
    retiredAt === null ? 'signs' : `retired ${retiredAt}`,
  ]);
  context.output.result({ items, ...(file !== undefined && { file }) }, [
    ...(items.length === 0 ? ['No receipt was signed here yet.'] : table(['key', 'created', 'state'], rows)),
    ...(file === undefined ? [] : [`${count(items.length, 'key')} written to ${file}.`]),
  ]);
}

export async function rotateKeys(context: CommandContext): Promise<void> {
  const { api } = await context.connect();
  const made = await api.rotateKeys();
  context.output.result(made, [`${made.keyId} signs from now on. What older keys have signed stays valid.`]);
}

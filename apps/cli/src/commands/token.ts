import { z } from 'zod';
import type { CommandContext, CommandInput } from '../context.js';
import { parseCount } from '../option-values.js';
import { table } from '../text/table.js';

const CreateOptions = z.object({ account: z.string().optional(), expiresInDays: z.string().optional() });

export async function createToken(context: CommandContext, { args, options }: CommandInput): Promise<void> {
  const [name = ''] = args;
  const { account, expiresInDays } = CreateOptions.parse(options);
  const { api } = await context.connect();
  const created = await api.createToken({
    name,
    account,
    expiresInDays: expiresInDays === undefined ? undefined : parseCount('--expires-in-days', expiresInDays),
  });
  const lifetime = created.expiresAt === null ? 'does not expire' : `expires ${created.expiresAt}`;
  context.output.result(created, [created.secret]);
  context.output.remark(
    `Shown this once: only its hash is kept. It ${lifetime}. Revoke it: envarium token revoke ${created.id}`,
  );
}

export async function listTokens(context: CommandContext): Promise<void> {
  const { api } = await context.connect();
  const { items } = await api.tokens();
  const rows = items.map((token) => [token.id, token.name, token.createdAt, stateOf(token)]);
  context.output.result(
    { items },
    items.length === 0 ? ['No tokens.'] : table(['id', 'name', 'created', 'state'], rows),
  );
}

export async function revokeToken(context: CommandContext, { args }: CommandInput): Promise<void> {
  const [id = ''] = args;
  const { api } = await context.connect();
  await api.revokeToken(id);
  context.output.result({ id, isRevoked: true }, [`Token ${id} is revoked.`]);
}

function stateOf({ revokedAt, expiresAt }: { revokedAt: string | null; expiresAt: string | null }): string {
  if (revokedAt !== null) return `revoked ${revokedAt}`;
  return expiresAt === null ? 'does not expire' : `expires ${expiresAt}`;
}

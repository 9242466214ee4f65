import type { CommandContext, CommandInput } from '../context.js';

export async function createAccount(context: CommandContext, { args }: CommandInput): Promise<void> {
  const [name = ''] = args;
  const { api } = await context.connect();
  await api.createAccount(name);
  context.output.result({ account: name }, [
    `Account ${name} exists. Next: envarium token create laptop --account ${name}`,
  ]);
}

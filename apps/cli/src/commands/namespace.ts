import { NamespaceRole } from '@envarium/schema';
import { z } from 'zod';
import type { CommandContext, CommandInput } from '../context.js';

export async function createNamespace(context: CommandContext, { args }: CommandInput): Promise<void> {
  const [name = ''] = args;
  const { api } = await context.connect();
  await api.createNamespace(name);
  context.output.result({ namespace: name }, [
    `Namespace ${name} is yours. Next: envarium deposit . --record ${name}/NAME`,
  ]);
}

export async function setMember(context: CommandContext, { args, options }: CommandInput): Promise<void> {
  const [namespace = '', account = ''] = args;
  const { role } = z.object({ role: NamespaceRole }).parse(options);
  const { api } = await context.connect();
  await api.setMember(namespace, account, role);
  context.output.result({ namespace, account, role }, [`${account} is now ${role} in ${namespace}.`]);
}

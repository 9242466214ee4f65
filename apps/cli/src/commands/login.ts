import { connectTo, normalizeServerUrl } from '../client/connect.js';
import { saveLogin } from '../client/login-file.js';
import type { CommandContext, CommandInput } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { CommandFailed, usageError } from '../failure.js';
import { secretFromStandardInput } from '../standard-input.js';

export async function login(context: CommandContext, { args }: CommandInput): Promise<void> {
  const serverUrl = normalizeServerUrl(args[0] ?? '');
  const settings = await context.settings();
  const token = settings.token ?? (await secretFromStandardInput());
  if (token === null) {
    throw usageError('no token given', 'Give --token TOKEN, ENVARIUM_TOKEN, or the token on standard input.');
  }
  const identity = await connectTo(serverUrl, token, context.version).api.whoAmI();
  if (identity.account === null) throw tokenNotTaken(serverUrl);
  const file = await saveLogin(settings.configDirectory, serverUrl, token);
  context.output.result({ server: serverUrl, account: identity.account, file }, [
    `Logged in at ${serverUrl} as ${identity.account}. Kept in ${file}, readable by you alone.`,
  ]);
}

export async function whoAmI(context: CommandContext): Promise<void> {
  const { api, serverUrl } = await context.connect();
  const identity = await api.whoAmI();
  const name = identity.account === null ? 'nobody: not logged in' : identity.account;
  context.output.result({ server: serverUrl, ...identity }, [
    `${name}${identity.isAdmin ? ' (administrator)' : ''} at ${serverUrl}`,
    ...identity.memberships.map(({ namespace, role }) => `  ${namespace}  ${role}`),
  ]);
}

function tokenNotTaken(serverUrl: string): CommandFailed {
  return new CommandFailed({
    exitCode: EXIT.denied,
    code: 'TOKEN_INVALID',
    title: `${serverUrl} does not know this token`,
    remedy: 'Check that it was copied as a whole; nothing was saved.',
    detail: {},
  });
}

import { type Command as Commander, Option } from 'commander';
import type { Run } from '../program.js';

export function declareAccess(program: Commander, run: Run): void {
  program.commandsGroup('Accounts and rights:');

  program
    .command('login')
    .description('check a token and keep it for this server, in ~/.config/envarium/config.json')
    .argument('<url>', 'address of the server')
    .addHelpText(
      'after',
      `
The token is --token, ENVARIUM_TOKEN, or the first line of standard input, which keeps it out of the shell's history.

Examples:
  $ envarium login https://envarium.example.org < token.txt
  $ envarium login http://127.0.0.1:5080 --token TOKEN`,
    )
    .action(run(() => import('../commands/login.js').then(({ login }) => login)));

  program
    .command('whoami')
    .description('print the account, and the namespaces it may use')
    .action(run(() => import('../commands/login.js').then(({ whoAmI }) => whoAmI)));

  const namespace = program.command('namespace').description('create namespaces, give rights in them');
  namespace
    .command('create')
    .description('create a namespace; you become its owner')
    .argument('<name>', 'first part of the repository names in it, as in lab')
    .addHelpText('after', '\nExample:\n  $ envarium namespace create lab')
    .action(run(() => import('../commands/namespace.js').then(({ createNamespace }) => createNamespace)));
  namespace
    .command('member')
    .description('give an account a role in a namespace')
    .argument('<namespace>', 'name of the namespace')
    .argument('<account>', 'name of the account')
    .addOption(
      new Option('--role <role>', 'what it may do').choices(['owner', 'depositor', 'reader']).default('depositor'),
    )
    .addHelpText('after', '\nExample:\n  $ envarium namespace member lab alice --role depositor')
    .action(run(() => import('../commands/namespace.js').then(({ setMember }) => setMember)));

  program
    .command('account')
    .description('create accounts (administrators)')
    .command('create')
    .description('create an account; give it a token with `envarium token create`')
    .argument('<name>', 'name of the account, as in alice')
    .addHelpText('after', '\nExample:\n  $ envarium account create alice')
    .action(run(() => import('../commands/account.js').then(({ createAccount }) => createAccount)));

  const token = program.command('token').description('create, list and revoke access tokens');
  token
    .command('create')
    .description('create a token; it is shown this once')
    .argument('<name>', 'what it is for, as in laptop')
    .option('--account <account>', 'for whom (administrators); default: oneself')
    .option('--expires-in-days <days>', 'default: never')
    .addHelpText('after', '\nExample:\n  $ envarium token create laptop --account alice --expires-in-days 365')
    .action(run(() => import('../commands/token.js').then(({ createToken }) => createToken)));
  token
    .command('list')
    .description('list your tokens, without their secrets')
    .action(run(() => import('../commands/token.js').then(({ listTokens }) => listTokens)));
  token
    .command('revoke')
    .description('make a token invalid, at once and for ever')
    .argument('<id>', 'as `envarium token list` prints it')
    .action(run(() => import('../commands/token.js').then(({ revokeToken }) => revokeToken)));
}

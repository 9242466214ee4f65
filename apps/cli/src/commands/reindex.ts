import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { CommandContext } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { CommandFailed } from '../failure.js';
import { packageRoot } from '../package-root.js';
import type { PostgresProcess, ServiceEnvironment } from '../up/messages.js';
import { stopPostgres } from '../up/postgres-process.js';
import { runPreparation } from '../up/preparation.js';

/** Brings the database up as `envarium up` does, and holds the same lock: never beside a running service. */
export async function reindex({ output }: CommandContext): Promise<void> {
  const root = packageRoot();
  const program = path.join(root, 'dist/apps/resolver/src/reindex.js');
  if (!existsSync(program)) throw failed('the service is not built', 'Build it first: npm run build');

  let lock: string | null = null;
  let postgres: PostgresProcess | null = null;
  try {
    const prepare = path.join(root, 'dist/apps/cli/src/up/prepare.js');
    const environment = await runPreparation(prepare, 'database', (message) => {
      if (message.type === 'step') output.remark(message.text);
      if (message.type === 'locked') lock = message.lock;
      if (message.type === 'postgres') postgres = message.postgres;
    });
    const code = await run(program, environment);
    if (code !== 0) throw failed('reindex did not end well', 'What went wrong stands above.');
  } finally {
    if (postgres !== null) await stopPostgres(postgres);
    if (lock !== null) rmSync(lock, { force: true });
  }
}

/** Ctrl-C reaches the program itself, in the same session; we stay until it has ended, to stop PostgreSQL after it. */
async function run(program: string, env: ServiceEnvironment): Promise<number | null> {
  const ignore = (): void => {};
  process.on('SIGINT', ignore);
  const child = spawn(process.execPath, [program], { stdio: 'inherit', env });
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', resolve);
    });
  } finally {
    process.off('SIGINT', ignore);
  }
}

function failed(title: string, remedy: string): CommandFailed {
  return new CommandFailed({ exitCode: EXIT.failure, code: 'REINDEX_FAILED', title, remedy, detail: {} });
}

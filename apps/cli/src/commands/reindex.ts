import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { CommandContext, CommandInput } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { CommandFailed } from '../failure.js';
import { packageRoot } from '../package-root.js';

export async function reindex(_context: CommandContext, { args }: CommandInput): Promise<void> {
  const program = path.join(packageRoot(), 'dist/apps/resolver/src/reindex.js');
  if (!existsSync(program)) throw failed(`${program} is missing`, 'Build it first: npm run build');
  const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit' });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code !== 0) throw failed('reindex did not end well', 'What went wrong stands above.');
}

function failed(title: string, remedy: string): CommandFailed {
  return new CommandFailed({ exitCode: EXIT.failure, code: 'REINDEX_FAILED', title, remedy, detail: {} });
}

import { execFile, type ChildProcess } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** @param directories where to look, separated as in PATH */
export function isInstalled(program: string, directories = process.env['PATH'] ?? ''): boolean {
  return directories.split(path.delimiter).some((directory) => {
    try {
      accessSync(path.join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Runs a program to its end and returns what it prints. */
export async function exitOfProgram(program: string, parameters: readonly string[]): Promise<string> {
  const { stdout } = await execute(program, parameters, { encoding: 'utf8' });
  return stdout;
}

/** Asks a child process to end, and waits for it. */
export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

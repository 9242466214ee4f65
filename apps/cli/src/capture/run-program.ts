import { spawn } from 'node:child_process';
import { programEnvironment } from '@envarium/config';

export type ProgramOutcome =
  | { readonly outcome: 'done'; readonly stdout: string }
  | { readonly outcome: 'failed'; readonly reason: string };

export interface ProgramLimits {
  readonly milliseconds: number;
  readonly outputBytes: number;
}

/** All programs are asked at once, and a capture shall take less than five seconds. */
export const PROGRAM_LIMITS: ProgramLimits = { milliseconds: 4000, outputBytes: 64 * 1024 * 1024 };
const ERROR_BYTES = 64 * 1024;

/**
 * Runs a program without a shell, in English, with nothing on its standard input and with limits. Never throws: why there
 * is no output is an outcome too. What the program has started ends with it, so that nobody waits for it.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  limits: ProgramLimits = PROGRAM_LIMITS,
  directory?: string,
): Promise<ProgramOutcome> {
  return await new Promise((resolve) => {
    const child = spawn(program, [...args], {
      ...(directory !== undefined && { cwd: directory }),
      env: programEnvironment({ LC_ALL: 'C' }),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let size = 0;
    let errorSize = 0;

    const end = (outcome: ProgramOutcome): void => {
      clearTimeout(timer);
      child.stdout.destroy();
      child.stderr.destroy();
      resolve(outcome);
    };
    const stop = (reason: string): void => {
      killGroup(child.pid);
      end({ outcome: 'failed', reason });
    };
    const timer = setTimeout(() => stop(`did not end within ${limits.milliseconds / 1000} s`), limits.milliseconds);

    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limits.outputBytes) stop(`says more than ${limits.outputBytes} bytes`);
      else stdout.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      errorSize += chunk.length;
      if (errorSize <= ERROR_BYTES) stderr.push(chunk);
    });
    child.on('error', (error) => end({ outcome: 'failed', reason: startReason(error) }));
    child.on('close', (code, signal) => {
      if (code === 0) end({ outcome: 'done', stdout: Buffer.concat(stdout).toString('utf8') });
      else end({ outcome: 'failed', reason: endReason(code ?? signal, Buffer.concat(stderr).toString('utf8')) });
    });
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function startReason(error: Error & { code?: unknown }): string {
  if (error.code === 'ENOENT') return 'not installed here';
  if (error.code === 'EACCES') return 'may not be run by this account';
  return `cannot be started (${String(error.code)})`;
}

function endReason(code: number | string | null, stderr: string): string {
  const said = stderr.trim().split('\n').at(-1) ?? '';
  return `ended with ${String(code)}${said === '' ? '' : `: ${said.slice(0, 200)}`}`;
}

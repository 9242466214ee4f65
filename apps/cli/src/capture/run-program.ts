import { execFile } from 'node:child_process';
import { programEnvironment } from '@envarium/config';

export type ProgramOutcome =
  | { readonly outcome: 'done'; readonly stdout: string }
  | { readonly outcome: 'failed'; readonly reason: string };

const TIME_LIMIT = 30_000;
const OUTPUT_LIMIT = 64 * 1024 * 1024;

/** Runs a program without a shell, in English, with limits. Never throws: why there is no output is an outcome too. */
export async function runProgram(program: string, args: readonly string[]): Promise<ProgramOutcome> {
  const options = {
    timeout: TIME_LIMIT,
    maxBuffer: OUTPUT_LIMIT,
    env: programEnvironment({ LC_ALL: 'C' }),
    windowsHide: true,
  };
  return new Promise((resolve) => {
    execFile(program, [...args], options, (error, stdout, stderr) => {
      if (error === null) resolve({ outcome: 'done', stdout });
      else resolve({ outcome: 'failed', reason: reasonOf(error, stderr) });
    });
  });
}

function reasonOf(error: Error & { code?: unknown; killed?: boolean }, stderr: string): string {
  if (error.code === 'ENOENT') return 'not installed here';
  if (error.code === 'EACCES') return 'may not be run by this account';
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return `says more than ${OUTPUT_LIMIT} bytes`;
  if (error.killed === true) return `did not end within ${TIME_LIMIT / 1000} s`;
  const said = stderr.trim().split('\n').at(-1) ?? '';
  return `ended with ${String(error.code)}${said === '' ? '' : `: ${said.slice(0, 200)}`}`;
}

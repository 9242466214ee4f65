import { accessSync, constants, existsSync, realpathSync } from 'node:fs';
import path from 'node:path';

const DIRECTORIES = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
const LIBRARY_DIRECTORIES = [
  '/usr/lib/x86_64-linux-gnu/faketime',
  '/usr/lib/aarch64-linux-gnu/faketime',
  '/usr/lib64/faketime',
  '/usr/lib/faketime',
  '/usr/local/lib/faketime',
];

/**
 * Where a program of the system is. Only the system's own directories: what stands in a PATH of the person who started us is
 * not run as root.
 */
export function findProgram(name: string): string | null {
  return DIRECTORIES.map((directory) => path.join(directory, name)).find(isExecutable) ?? null;
}

/** https://github.com/wolfcw/libfaketime */
export function findClockLibrary(): string | null {
  const file = LIBRARY_DIRECTORIES.map((directory) => path.join(directory, 'libfaketime.so.1')).find(existsSync);
  return file === undefined ? null : realpathSync(file);
}

/** Directory of the compiled code of this library: its programs run as processes of their own. */
export function compiledDirectory(): string {
  const here = import.meta.dirname;
  if (!here.endsWith(path.join('libs', 'sandbox', 'src'))) throw new Error(`not where it was: ${here}`);
  const root = path.resolve(here, '../../..');
  return path.basename(root) === 'dist' ? here : path.join(root, 'dist/libs/sandbox/src');
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { CellEvent, CellPlan } from './cell/plan.js';
import { CONTAINER_ENVIRONMENT } from './cell/view-files.js';
import { compiledDirectory } from './programs.js';

export interface CellListener {
  output(stream: 'stdout' | 'stderr', chunk: Uint8Array): void;
  event(event: CellEvent): void;
}

export interface CellProcess {
  /** Everything that the job started has ended. */
  readonly ended: Promise<void>;
  /** Ends everything that the job started, at once. */
  kill(): void;
}

/** Starts the program around a job in network, mount and process namespaces of its own. It ends with this process. */
export function startCell(plan: CellPlan, listener: CellListener): CellProcess {
  const namespaces = [
    '--net',
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
    '--propagation',
    'private',
  ];
  const child = spawn('unshare', [...namespaces, process.execPath, path.join(compiledDirectory(), 'cell/main.js')], {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    // Nothing of ours is in it: it holds passwords.
    env: CONTAINER_ENVIRONMENT,
    cwd: '/',
  });
  child.stdout.on('data', (chunk: Uint8Array) => listener.output('stdout', chunk));
  child.stderr.on('data', (chunk: Uint8Array) => listener.output('stderr', chunk));
  const events = child.stdio[3];
  if (events instanceof Readable)
    createInterface({ input: events }).on('line', (line) => listener.event(JSON.parse(line) as CellEvent));
  // It may be gone before it has read its plan; its end says so.
  child.stdin.on('error', () => {});
  child.stdin.write(`${JSON.stringify(plan)}\n`);
  return {
    ended: new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', () => resolve());
    }),
    kill: () => void child.kill('SIGKILL'),
  };
}

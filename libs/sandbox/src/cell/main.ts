import { spawn } from 'node:child_process';
import { cpSync, existsSync, writeSync, chmodSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { flyCanary } from './canary.js';
import { makeDisk } from './disk.js';
import { LimitWatch } from './limit-watch.js';
import { type CellEvent, type CellPlan, type Command, INSIDE, type VisiblePath } from './plan.js';
import { containersStorage, runtimeScript } from './view-files.js';
import { layOutView } from './view.js';

/*
 * The program around one job: first process of its own network, mount and process namespaces. When it ends, everything in
 * them ends. It reads its plan from standard input and ends when that is closed: with whoever started it.
 */
const EVENTS = 3;
const WATCH_INTERVAL = 150;

type Output = 'inherit' | 'ignore';

const tell = (event: CellEvent): void => void writeSync(EVENTS, `${JSON.stringify(event)}\n`);

async function main(plan: CellPlan): Promise<void> {
  await run(['ip', 'link', 'set', 'lo', 'up'], 'ignore');
  if (plan.standIn) await startStandIn(plan.standIn);
  const attempts = await flyCanary(plan.addresses, plan.standIn !== null);
  tell({ kind: 'canary', attempts });
  if (Object.values(attempts).includes('reached')) throw new Error('the network is not off');

  const disk = makeDisk(plan.directory, plan.diskBytes);
  const view = path.join(plan.directory, 'view');
  layOutView(view, [...plan.visible, ...diskPaths(disk.directory)], {
    ...plan.files,
    '/etc/containers/storage.conf': containersStorage(disk.driver),
    [INSIDE.runtime]: runtimeScript(plan.runtime, plan.counters),
  });
  chmodSync(path.join(view, INSIDE.runtime), 0o755);
  const enter = (command: Command, output: Output): Promise<number> => inside(plan, view, command, output);

  const watch = new LimitWatch(plan.counters, disk.directory, path.join(view, INSIDE.notes), tell);
  const timer = setInterval(() => watch.look(), WATCH_INTERVAL);
  let exitCode = 0;
  for (const command of plan.prepare) exitCode ||= await enter(command, 'ignore');
  exitCode ||= await enter(plan.program, 'inherit');
  clearInterval(timer);
  watch.look();
  for (const command of plan.finish) exitCode ||= await enter(command, 'ignore');
  const image = path.join(disk.directory, 'image');
  if (exitCode === 0 && existsSync(image)) cpSync(image, path.join(plan.directory, 'image'), { recursive: true });
  tell({ kind: 'end', exitCode });
}

/** Where programs keep large files for a moment is on the disk of the job too. */
function diskPaths(disk: string): VisiblePath[] {
  const temporary = path.join(disk, 'tmp');
  return [
    { source: disk, target: INSIDE.disk, isWritable: true },
    { source: temporary, target: '/tmp', isWritable: true },
    { source: temporary, target: '/var/tmp', isWritable: true },
  ];
}

/** Runs a command in the view, in process, user-name and message-queue namespaces of its own. */
async function inside(plan: CellPlan, view: string, command: Command, output: Output): Promise<number> {
  const enter = 'while [ "$1" != -- ]; do echo 0 > "$1" || exit 70; shift; done; shift; exec "$@"';
  const turn = [
    'umask 022',
    'hostname build',
    'cd "$1"',
    'shift',
    'mount -t proc -o nosuid,nodev,noexec proc proc',
    'pivot_root . .host',
    'umount -l /.host',
    'cd /',
    'exec "$@"',
  ].join(' && ');
  const namespaces = ['--mount', '--ipc', '--pid', '--uts', '--fork', '--kill-child', '--propagation', 'private'];
  const inner = ['unshare', ...namespaces, 'sh', '-c', turn, 'sh', view, ...command];
  return await run(['sh', '-c', enter, 'sh', ...plan.groups, '--', ...inner], output, plan.environment);
}

/** @returns the exit code; 128 and the signal's number when a signal ended it */
function run(
  [program, ...parameters]: Command,
  output: Output,
  environment?: Readonly<Record<string, string>>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, {
      stdio: ['ignore', output, 'inherit'],
      ...(environment && { env: environment }),
    });
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 137));
  });
}

/** Ready when it says so. Lives as long as its standard input is open. */
function startStandIn({ program, socket, authority, ports }: NonNullable<CellPlan['standIn']>): Promise<void> {
  const parameters = [program, '--socket', socket, '--authority', authority, '--ports', ports.join(',')];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, parameters, { stdio: ['pipe', 'pipe', 'pipe'] });
    child.once('error', reject);
    child.once('close', () => reject(new Error('the stand-in for the Internet ended')));
    createInterface({ input: child.stderr }).on('line', (text) => tell({ kind: 'note', text }));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.trim() === 'ready') resolve();
    });
  });
}

const input = createInterface({ input: process.stdin });
input.once('line', (line) => {
  main(JSON.parse(line) as CellPlan).then(
    () => process.exit(0),
    (error: unknown) => {
      tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
      process.exit(1);
    },
  );
});
input.once('close', () => process.exit(1));

import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { residentMemoryOfTree } from './process-memory.js';
import { stopProcess } from './program.js';

/**
 * `npm run bench:start`: from the start command to the first served request, on an empty data directory and again, and the
 * memory held when nothing happens.
 */
const FIRST_LIMIT_S = 10;
const LATER_LIMIT_S = 3;
const IDLE_LIMIT_MIB = 350;
const LATER_STARTS = 5;
const IDLE_MS = 10_000;
const PORT = 5089;

const launcher = path.resolve(import.meta.dirname, '../../apps/cli/src/main.js');

async function start(dataDir: string): Promise<{ child: ChildProcess; seconds: number }> {
  const from = performance.now();
  const child = spawn(process.execPath, [launcher, 'up', '--quiet'], {
    env: { ...process.env, ENVARIUM_DATA_DIR: dataDir, ENVARIUM_PORT: String(PORT), ENVARIUM_LOG_LEVEL: 'error' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (;;) {
    const isServed = await fetch(`http://127.0.0.1:${PORT}/api/v1`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (isServed) return { child, seconds: (performance.now() - from) / 1000 };
    if (child.exitCode !== null) throw new Error(`the launcher ended with ${child.exitCode}`);
    await sleep(10);
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function report(what: string, value: number, limit: number, unit: string): boolean {
  const isMet = value <= limit;
  process.stdout.write(`${isMet ? 'PASS' : 'FAIL'}  ${what}: ${value.toFixed(1)} ${unit} (at most ${limit} ${unit})\n`);
  return isMet;
}

const dataDir = await mkdtemp(path.join(tmpdir(), 'envarium-start-'));
await chmod(dataDir, 0o755);
try {
  const first = await start(dataDir);
  await sleep(IDLE_MS);
  const memory = residentMemoryOfTree(first.child.pid ?? 0, path.basename(process.execPath)) ?? [];
  await stopProcess(first.child);
  const later: number[] = [];
  for (let i = 0; i < LATER_STARTS; i++) {
    const again = await start(dataDir);
    later.push(again.seconds);
    await stopProcess(again.child);
  }
  const mebibytes = memory.map((bytes) => Math.round(bytes / 2 ** 20));
  const [server = 0, resolver = 0, up = 0] = mebibytes;
  process.stdout.write(`idle memory: server ${server}, resolver ${resolver}, launcher ${up} MiB\n`);
  const isMet = [
    report('first start', first.seconds, FIRST_LIMIT_S, 's'),
    report(`later starts, median of ${LATER_STARTS}`, median(later), LATER_LIMIT_S, 's'),
    report('idle server + resolver', server + resolver, IDLE_LIMIT_MIB, 'MiB'),
  ];
  process.exitCode = isMet.every(Boolean) ? 0 : 1;
} finally {
  await rm(dataDir, { recursive: true, force: true });
}

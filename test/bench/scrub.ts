import 'reflect-metadata';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { TOKEN } from '../crash/installation.js';
import { ServiceUnderTest } from '../crash/service-under-test.js';
import { manyBlobs } from './registry/bench-blob.js';
import { requireRoom } from './registry/comparison.js';
import type { Finding } from './registry/finding.js';
import { HttpConnection } from './registry/http-connection.js';
import { lineOfFinding } from './registry/report.js';
import { expectStatus, pushBytes, REPOSITORY } from './registry/transfers.js';
import type { Scrub } from './scrub-process.js';
import { median, percentile } from './statistics.js';

/*
 * npm run bench:scrub [-- --gib 3 --passes 5 --json FILE]: how fast stored bytes are read back, and what a pull feels of
 * it. The bytes come from memory, not from the disk: what is measured is the work.
 */
const { values: options } = parseArgs({
  options: {
    gib: { type: 'string', default: '3' },
    passes: { type: 'string', default: '5' },
    json: { type: 'string' },
  },
});
const MIB = 1 << 20;
const GIB = 1 << 30;
const BAR = 0.5;
const LARGE = 64 * MIB;
const SMALL = MIB;
/** Bytes in large blobs and in small ones: layers, and everything else. */
const LARGE_SHARE = 0.75;
const PAUSE_MS = 20;
const IDLE_PULLS = 100;

async function bench(service: ServiceUnderTest): Promise<Finding[]> {
  const bytes = Number(options.gib) * GIB;
  await requireRoom(service.directory, bytes);
  await service.start();
  const connection = await HttpConnection.open(service.url, { Authorization: `Bearer ${TOKEN}` });
  const pulled = await fill(connection, bytes);
  const idle: number[] = [];
  for (let i = 0; i < IDLE_PULLS; i += 1) idle.push(await timedPull(connection, pulled));
  const worker = await startWorker(service);
  try {
    const first = await scrub(worker, connection, pulled);
    const later: Awaited<ReturnType<typeof scrub>>[] = [];
    for (let i = 0; i < Number(options.passes); i += 1) later.push(await scrub(worker, connection, pulled));
    const meanwhile = later.flatMap(({ pulls }) => pulls);
    return [
      speed('first pass, with the second digest', bytes, [first]),
      speed(`later passes, median of ${later.length}`, bytes, later),
      latency('pull of 1 MiB, nothing else going on', idle),
      latency('the same during the first pass', first.pulls),
      latency('the same during later passes', meanwhile),
    ];
  } finally {
    worker.disconnect();
    connection.close();
  }
}

/** Returns the digest of a small blob. */
async function fill(connection: HttpConnection, bytes: number): Promise<string> {
  for (let written = 0; written < bytes * LARGE_SHARE; written += LARGE) {
    for (const blob of manyBlobs(1, LARGE)) await pushBytes(connection, blob);
  }
  const small = manyBlobs(Math.round((bytes * (1 - LARGE_SHARE)) / SMALL), SMALL);
  for (const blob of small) await pushBytes(connection, blob);
  return small[0]?.digest ?? '';
}

async function startWorker(service: ServiceUnderTest): Promise<ChildProcess> {
  const worker = fork(path.join(import.meta.dirname, 'scrub-process.js'), {
    env: { ...process.env, ...service.variables() },
  });
  await once(worker, 'message');
  return worker;
}

async function scrub(
  worker: ChildProcess,
  connection: HttpConnection,
  pulled: string,
): Promise<Scrub & { readonly pulls: readonly number[] }> {
  const pulls: number[] = [];
  let result: Scrub | null = null;
  worker.once('message', (message) => {
    result = message as Scrub;
  });
  worker.send('scrub');
  while (result === null) pulls.push(await timedPull(connection, pulled));
  const { faults, ...rest }: Scrub = result;
  if (faults > 0) throw new Error(`${faults} blobs are not sound`);
  return { ...rest, faults, pulls };
}

/** Returns milliseconds. */
async function timedPull(connection: HttpConnection, digest: string): Promise<number> {
  await sleep(PAUSE_MS);
  const started = performance.now();
  const { status } = await connection.request('GET', `/v2/${REPOSITORY}/blobs/${digest}`);
  expectStatus(status, 200, 'GET');
  return performance.now() - started;
}

function speed(what: string, bytes: number, scrubs: readonly Scrub[]): Finding {
  const perCore = median(scrubs.map(({ cpuSeconds }) => bytes / GIB / cpuSeconds));
  const wall = median(scrubs.map(({ seconds }) => bytes / GIB / seconds));
  return {
    what: `${what} (${scrubs[0]?.blobs} blobs)`,
    value: `${perCore.toFixed(2)} GiB a second of a core, ${wall.toFixed(2)} GiB/s by the clock`,
    bar: `>= ${BAR} GiB/s a core`,
    isMet: perCore >= BAR,
  };
}

function latency(what: string, times: readonly number[]): Finding {
  const [p50, p95] = [percentile(times, 0.5), percentile(times, 0.95)];
  return { what, value: `p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms`, bar: null, isMet: true };
}

const service = await ServiceUnderTest.create('filesystem');
try {
  const findings = await bench(service);
  console.log(`scrub of ${options.gib} GiB\n${findings.map(lineOfFinding).join('\n')}`);
  if (options.json !== undefined)
    await writeFile(options.json, JSON.stringify({ gib: options.gib, findings }, null, 2));
  process.exitCode = findings.every(({ isMet }) => isMet) ? 0 : 1;
} finally {
  await service.stop();
}

import { execFileSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { digestOf } from '@envarium/oci';
import { Job, type JobKind, Receipt } from '@envarium/schema';
import { z } from 'zod';
import { nativePlatform } from '../../libs/sandbox/src/platform.js';
import { writeTinyImage } from '../../libs/sandbox/src/tiny-image.js';
import { Processes } from '../demo/processes.js';
import { Installation, TOKEN } from './installation.js';

const RECORD = 'lab/crash';
const DATA = 'x,y\n1,2\n';
/** About as long as such a job takes: the kill falls anywhere in it, or just behind it. */
const LATEST_KILL_MS: Readonly<Record<JobKind, number>> = { rehearse: 9000, rebuild: 4000, rerun: 3000 };
/** A lease and two attempts. */
const END_LIMIT_MS = 120_000;
const TIDY_LIMIT_MS = 30_000;
const KINDS: readonly JobKind[] = ['rehearse', 'rebuild', 'rerun'];

interface Tally {
  readonly faults: string[];
  interrupted: number;
  slowestMs: number;
}

/**
 * `npm run test:crash -- --rebuilds 20`: the resolver is killed with -9 at a random point of a job. The job has to end as
 * ready after the restart, everything that is named must be whole, and nothing may be left running, mounted or on disk.
 */
export async function tortureRebuilds(rounds: number): Promise<boolean> {
  const work = await mkdtemp(path.join(tmpdir(), 'envarium-crash-'));
  const upstream = createServer((_, response) => void response.end(DATA));
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const address = `127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const dataDir = path.join(work, 'data');
  const installation = await Installation.create(dataDir, {
    ENVARIUM_OUTBOUND_ALLOW: address,
    ENVARIUM_REBUILD_DISK: '512',
  });
  const tally: Tally = { faults: [], interrupted: 0, slowestMs: 0 };
  try {
    await installation.start();
    const runId = await prepare(work, installation.url, address);
    await finished(installation, await request(installation, 'rehearse', runId));
    for (let round = 1; round <= rounds && tally.faults.length === 0; round += 1) {
      await killOnce(installation, KINDS[round % KINDS.length] ?? 'rebuild', runId, tally, round);
    }
    tally.faults.push(...(await stayingBehind(dataDir)), ...(await damaged(installation)));
  } finally {
    await installation.stop();
    close(upstream);
    await rm(work, { recursive: true, force: true });
  }
  const { faults, interrupted, slowestMs } = tally;
  process.stdout.write(
    `${rounds} kills, ${interrupted} of them in the middle of a job; slowest end after a kill ${(slowestMs / 1000).toFixed(1)} s; ` +
      `${faults.length} faults${faults.map((fault) => `\n  ${fault}`).join('')}\n`,
  );
  return faults.length === 0;
}

async function killOnce(
  installation: Installation,
  kind: JobKind,
  runId: string,
  tally: Tally,
  round: number,
): Promise<void> {
  const job = await request(installation, kind, runId);
  const delay = Math.floor(Math.random() * LATEST_KILL_MS[kind]);
  await sleep(delay);
  const { state, step } = await look(installation, job.id);
  await installation.kill('resolver');
  const killedAt = Date.now();
  const ended = await finished(installation, job);
  if (state !== 'ended') tally.interrupted += 1;
  if (state !== 'ended') tally.slowestMs = Math.max(tally.slowestMs, Date.now() - killedAt);
  if (ended.outcome !== 'ready') {
    tally.faults.push(`${kind} ${job.id} ended as ${ended.outcome ?? 'nothing'}: ${JSON.stringify(ended.problem)}`);
  }
  process.stdout.write(
    `kill ${round}: ${kind}, ${delay} ms after its request, while ${state === 'ended' ? 'ended' : step}; ` +
      `${ended.outcome ?? 'nothing'} after ${((Date.now() - killedAt) / 1000).toFixed(1)} s and ${ended.attempts} attempts\n`,
  );
}

async function prepare(work: string, url: string, address: string): Promise<string> {
  const root = path.resolve(import.meta.dirname, '../../..');
  const processes = new Processes(root, { XDG_CONFIG_HOME: path.join(work, 'config') });
  const envarium = async (...args: string[]): Promise<unknown> => await processes.envarium(args, work);
  await envarium('login', url, '--token', TOKEN);
  for (const namespace of ['bases', 'lab']) await envarium('namespace', 'create', namespace);
  const [layout, empty, deposit] = ['base', 'empty', 'deposit'].map((name) => path.join(work, name)) as [
    string,
    string,
    string,
  ];
  await writeTinyImage(layout, ['cat', 'cp', 'find', 'ln', 'mkdir', 'sleep'], nativePlatform());
  await mkdir(empty);
  await mkdir(deposit);
  await envarium('deposit', empty, '--record', 'bases/tiny', '--image', `oci:${layout}`);
  await envarium('publish', 'bases/tiny@v1');
  const steps = ['FROM bases/tiny:v1', 'WORKDIR /work', `ADD http://${address}/data.csv data.csv`, 'RUN sleep 1', ''];
  await writeFile(path.join(deposit, 'Dockerfile'), steps.join('\n'));
  await envarium('deposit', deposit, '--all', '--record', RECORD);
  await envarium('publish', `${RECORD}@v1`);
  const files = [{ name: 'copy.csv', digest: digestOf(Buffer.from(DATA)), size: DATA.length }];
  const claim = { article: '10.5555/envarium.crash', output: 'Figure 1', command: 'cat data.csv > copy.csv', files };
  const linked = await call(url, 'POST', `versions/${encodeURIComponent(`${RECORD}@v1`)}/links`, claim);
  return z.object({ run: z.object({ id: z.string() }) }).parse(linked).run.id;
}

async function request({ url }: Installation, kind: JobKind, runId: string): Promise<Job> {
  const body = { kind, ...(kind === 'rerun' && { runId }) };
  return Job.parse(await call(url, 'POST', `versions/${encodeURIComponent(`${RECORD}@v1`)}/jobs`, body));
}

async function look({ url }: Installation, id: string): Promise<Job> {
  return Job.parse(await call(url, 'GET', `jobs/${id}`));
}

async function finished(installation: Installation, { id }: Job): Promise<Job> {
  const limit = Date.now() + END_LIMIT_MS;
  for (;;) {
    const job = await look(installation, id);
    if (job.state === 'ended' || Date.now() > limit) return job;
    await sleep(200);
  }
}

/** A resolver that is just starting again tries its executors, and tidies up behind itself. */
async function stayingBehind(dataDir: string): Promise<string[]> {
  const limit = Date.now() + TIDY_LIMIT_MS;
  for (;;) {
    const left = leftovers(dataDir);
    if (left.length === 0 || Date.now() > limit) return left;
    await sleep(200);
  }
}

/** What a job that died may have left on this machine. */
function leftovers(dataDir: string): string[] {
  const jobs = path.join(dataDir, 'work/jobs');
  const mounted = readFileSync('/proc/mounts', 'utf8').split('\n');
  const loops = execFileSync('losetup', ['--list', '--noheadings', '--output', 'BACK-FILE'], { encoding: 'utf8' });
  return [
    ...(existsSync(jobs) ? readdirSync(jobs) : []).map((name) => `left on disk: ${name}`),
    ...mounted.filter((line) => line.includes(dataDir)).map((line) => `left mounted: ${line}`),
    ...loops
      .split('\n')
      .filter((line) => line.includes(dataDir))
      .map((line) => `left attached: ${line.trim()}`),
  ];
}

/** Whoever finds a receipt must find all that it names. */
async function damaged({ url }: Installation): Promise<string[]> {
  const route = `versions/${encodeURIComponent(`${RECORD}@v1`)}`;
  const listed = await call(url, 'GET', `${route}/receipts?limit=100`);
  const { items } = z.object({ items: z.array(Receipt) }).parse(listed);
  const faults = items.length === 0 ? ['there is no receipt'] : [];
  for (const { id, envelopeDigest } of items) {
    const answer = await fetch(`${url}/api/v1/receipts/${id}/envelope`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (digestOf(bytes) !== envelopeDigest) faults.push(`receipt ${id} is not what its digest says`);
  }
  const fixity = z.object({ damaged: z.number().optional() }).safeParse(await call(url, 'GET', 'fixity'));
  if (fixity.success && (fixity.data.damaged ?? 0) > 0) faults.push(`${fixity.data.damaged ?? 0} blobs are damaged`);
  return faults;
}

async function call(url: string, method: string, route: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${url}/api/v1/${route}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${route} answered ${answer.status}: ${await answer.text()}`);
  return await answer.json();
}

function close(server: Server): void {
  server.closeAllConnections();
  server.close();
}

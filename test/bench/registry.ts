/*
 * Pushes and pulls one large blob through Envarium and through Debian's docker-registry, by turns in one run, and prints
 * what each did. Run it with `npm run bench:registry`.
 *
 *   ENVARIUM_URL, ENVARIUM_TOKEN   a running Envarium to measure; without them one is started, and stopped again
 *   ENVARIUM_BENCH_MIB             size of the blob, 1024 by default
 *   ENVARIUM_BENCH_ROUNDS          5 by default
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BenchBlob } from './bench-blob.js';
import { exitOfProgram, isInstalled } from './program.js';
import { pullBlob, pullVerified, pushBlob } from './registry-client.js';
import { givenEnvarium, type RegistryServer, startDockerRegistry, startEnvarium } from './registry-server.js';

const MIB = 1 << 20;
const size = Number(process.env['ENVARIUM_BENCH_MIB'] ?? 1024) * MIB;
const rounds = Number(process.env['ENVARIUM_BENCH_ROUNDS'] ?? 5);

interface Measured {
  readonly server: RegistryServer;
  /** Seconds, one for each round. */
  readonly push: number[];
  readonly pull: number[];
}

async function main(): Promise<void> {
  if (!isInstalled('curl')) throw new Error('curl is not installed; apt-get install curl');
  const directory = await mkdtemp(path.join(tmpdir(), 'envarium-bench-'));
  const servers: RegistryServer[] = [];
  try {
    servers.push(givenEnvarium() ?? (await startEnvarium(path.join(directory, 'envarium'))));
    if (isInstalled('docker-registry')) servers.push(await startDockerRegistry(path.join(directory, 'docker')));
    else console.log('SKIPPED: docker-registry is not installed; apt-get install docker-registry');
    const blob = await BenchBlob.create(path.join(directory, 'blob'), size);
    report(await measure(servers, blob));
  } finally {
    for (const server of servers) await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function measure(servers: readonly RegistryServer[], blob: BenchBlob): Promise<Measured[]> {
  const measured = servers.map((server) => ({ server, push: [], pull: [] }) satisfies Measured as Measured);
  for (let round = 0; round <= rounds; round += 1) {
    await blob.renew();
    // Who goes first changes, so that neither always meets the disk as the other left it.
    for (const { server, push, pull } of round % 2 === 0 ? measured : measured.toReversed()) {
      await exitOfProgram('sync', []);
      const pushed = await pushBlob(server, blob);
      await exitOfProgram('sync', []);
      const pulled = await pullBlob(server, blob);
      // The first round warms up, and proves that what is measured is right.
      if (round === 0) await pullVerified(server, blob);
      else {
        push.push(pushed);
        pull.push(pulled);
      }
      const label = round === 0 ? 'warm-up ' : `round ${round}/${rounds}`;
      console.log(`${label}  ${server.name.padEnd(16)} push ${rate(pushed)}  pull ${rate(pulled)}`);
    }
  }
  return measured;
}

function report(measured: readonly Measured[]): void {
  console.log(`\n${size / MIB} MiB, medians of ${rounds} interleaved rounds`);
  for (const { server, push, pull } of measured) {
    const memory = server.peakMemory();
    const peak =
      memory === null
        ? 'not measured: the server was not started here'
        : `${memory.map((bytes) => Math.round(bytes / MIB)).join(' + ')} MiB`;
    console.log(`  ${server.name.padEnd(16)} push ${rate(median(push))}  pull ${rate(median(pull))}  peak RSS ${peak}`);
  }
  const [envarium, other] = measured;
  if (envarium === undefined || other === undefined) return;
  const ratio = (of: 'push' | 'pull'): string => (median(other[of]) / median(envarium[of])).toFixed(2);
  console.log(`  Envarium is ${ratio('push')} times as fast in push and ${ratio('pull')} times in pull`);
}

function rate(seconds: number): string {
  return `${Math.round(size / 1e6 / seconds)
    .toString()
    .padStart(5)} MB/s`;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

await main();

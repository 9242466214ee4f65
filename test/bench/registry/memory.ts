import path from 'node:path';
import { median, slope } from '../statistics.js';
import { BenchBlob } from './bench-blob.js';
import { requireRoom } from './comparison.js';
import type { Finding } from './finding.js';
import type { Contestant, RegistryServer } from './server.js';
import { pullToNowhere, pushFile } from './transfers.js';

const MIB = 1 << 20;
const CLIENTS = 8;
const SAMPLE_MS = 250;
const PEAK_BAR_MIB = 300;
/** The second half may hold so many times the memory of the second quarter; a leak under this load is far above. */
const FLAT = 1.15;

interface Sample {
  /** Seconds since the load began. */
  readonly x: number;
  /** Resident MiB of the process that holds most. */
  readonly y: number;
}

/** Memory of the server while eight clients push one blob each and eight others pull another, for as long as they push. */
export async function measureMemory(
  { start, name }: Contestant,
  directory: string,
  mib: number,
): Promise<{ findings: Finding[]; curve: readonly Sample[] }> {
  const size = mib * MIB;
  await requireRoom(directory, size * (CLIENTS + 1));
  const server = await start(path.join(directory, 'memory'));
  try {
    const shared = await BenchBlob.createSparse(path.join(directory, 'shared'), size);
    await pushFile(server, shared);
    const blobs: BenchBlob[] = [];
    for (let i = 0; i < CLIENTS; i += 1)
      blobs.push(await BenchBlob.createSparse(path.join(directory, `own-${i}`), size));
    const before = residentMib(server);
    const { curve, seconds, pulls } = await underLoad(server, blobs, shared);
    const peak = (server.peakMemory()?.[0] ?? Number.NaN) / MIB;
    const load = `${CLIENTS} pushes and ${pulls} pulls of ${mib} MiB in ${seconds.toFixed(0)} s`;
    return { findings: findingsOf(name, load, before, peak, curve), curve };
  } finally {
    await server.stop();
  }
}

async function underLoad(
  server: RegistryServer,
  blobs: readonly BenchBlob[],
  shared: BenchBlob,
): Promise<{ curve: Sample[]; seconds: number; pulls: number }> {
  const started = performance.now();
  const elapsed = (): number => (performance.now() - started) / 1000;
  const curve: Sample[] = [];
  const sampling = setInterval(() => curve.push({ x: elapsed(), y: residentMib(server) }), SAMPLE_MS);
  let arePushing = true;
  let pulls = 0;
  const pull = async (): Promise<void> => {
    do {
      await pullToNowhere(server, [shared]);
      pulls += 1;
    } while (arePushing);
  };
  try {
    const pushing = Promise.all(blobs.map((blob) => pushFile(server, blob))).finally(() => {
      arePushing = false;
    });
    await Promise.all([pushing, ...blobs.map(pull)]);
  } finally {
    clearInterval(sampling);
  }
  return { curve, seconds: elapsed(), pulls };
}

function findingsOf(name: string, load: string, before: number, peak: number, curve: readonly Sample[]): Finding[] {
  const quarter = (from: number, to: number): Sample[] =>
    curve.slice(Math.floor((curve.length * from) / 4), Math.ceil((curve.length * to) / 4));
  const level = (samples: readonly Sample[]): number => median(samples.map(({ y }) => y));
  const growth = level(quarter(2, 4)) / level(quarter(1, 2));
  const rise = slope(quarter(1, 4)) * 60;
  return [
    {
      what: `${name}: peak memory, ${load}`,
      value: `${peak.toFixed(0)} MiB (${before.toFixed(0)} MiB before)`,
      bar: `<= ${PEAK_BAR_MIB} MiB`,
      isMet: peak <= PEAK_BAR_MIB,
    },
    {
      what: `${name}: the same over time`,
      value: `second half ${growth.toFixed(2)} times the second quarter, ${rise.toFixed(1)} MiB a minute`,
      bar: `flat: <= ${FLAT} times`,
      isMet: growth <= FLAT,
    },
  ];
}

function residentMib(server: RegistryServer): number {
  return (server.memory()?.[0] ?? Number.NaN) / MIB;
}

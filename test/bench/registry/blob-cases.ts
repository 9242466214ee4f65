import path from 'node:path';
import { BenchBlob, manyBlobs } from './bench-blob.js';
import type { Comparison } from './comparison.js';
import { overConnections, pullToNowhere, pullVerified, pushBytes, pushFile } from './transfers.js';

const MIB = 1 << 20;
const MANY = 100;
const PULLED_SIZE = 10 * MIB;
const PUSHED_SIZE = MIB;
const CONNECTIONS = 8;

export interface Sizes {
  readonly directory: string;
  readonly rounds: number;
  /** Of the one large blob. */
  readonly mib: number;
}

export async function pullLarge({ directory, mib }: Sizes): Promise<Comparison> {
  const blob = await BenchBlob.create(path.join(directory, 'pull-large'), mib * MIB);
  return {
    title: `pull one blob of ${mib} MiB`,
    unit: 'MB/s',
    bars: { 'docker-registry': 1.3 },
    aims: { 'distribution v3': 1 },
    stored: blob.size,
    async prepare(server) {
      await pushFile(server, blob);
      await pullVerified(server, blob.digest);
    },
    renew: async () => {},
    run: async (server) => blob.size / 1e6 / (await pullToNowhere(server, [blob])),
  };
}

export async function pushLarge({ directory, mib, rounds }: Sizes): Promise<Comparison> {
  const blob = await BenchBlob.create(path.join(directory, 'push-large'), mib * MIB);
  return {
    title: `push one blob of ${mib} MiB, verified and synced`,
    unit: 'MB/s',
    bars: { 'docker-registry': 1.5 },
    aims: { 'distribution v3': 1 },
    stored: blob.size * (rounds + 1),
    prepare: async () => {},
    renew: async () => await blob.renew(),
    run: async (server) => blob.size / 1e6 / (await pushFile(server, blob)),
  };
}

export async function pullMany(): Promise<Comparison> {
  const blobs = manyBlobs(MANY, PULLED_SIZE).map((blob) => ({ ...blob, size: PULLED_SIZE }));
  const shares = Array.from({ length: CONNECTIONS }, (_, i) => blobs.filter((_blob, j) => j % CONNECTIONS === i));
  return {
    title: `pull ${MANY} blobs of ${PULLED_SIZE / MIB} MiB over ${CONNECTIONS} connections`,
    unit: 'MB/s',
    bars: { 'docker-registry': 1 },
    aims: { 'distribution v3': 1 },
    stored: MANY * PULLED_SIZE,
    async prepare(server) {
      await overConnections(server, CONNECTIONS, blobs, pushBytes);
      await pullVerified(server, blobs[0]?.digest ?? '');
    },
    renew: async () => {},
    async run(server) {
      const seconds = await Promise.all(shares.map((share) => pullToNowhere(server, share)));
      return (MANY * PULLED_SIZE) / 1e6 / Math.max(...seconds);
    },
  };
}

export async function pushMany(connections: number, { rounds }: Sizes): Promise<Comparison> {
  let blobs: { digest: string; bytes: Buffer }[] = [];
  return {
    title: `push ${MANY} blobs of ${PUSHED_SIZE / MIB} MiB over ${connections} ${connections === 1 ? 'connection' : 'connections'}`,
    unit: 'pushes/s',
    bars: { 'docker-registry': 1 },
    aims: { 'distribution v3': 1 },
    stored: MANY * PUSHED_SIZE * (rounds + 1),
    prepare: async () => {},
    async renew() {
      blobs = manyBlobs(MANY, PUSHED_SIZE);
    },
    run: async (server) => MANY / (await overConnections(server, connections, blobs, pushBytes)),
  };
}

export const PUSH_CONNECTIONS = CONNECTIONS;

import { mkdir, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { exitOfProgram } from '../program.js';
import { median } from '../statistics.js';
import { type Contestant, ENVARIUM, type RegistryServer, type ServerName } from './server.js';

/** One thing that every registry does, as often as there are rounds. */
export interface Comparison {
  readonly title: string;
  readonly unit: 'MB/s' | 'pushes/s' | 'requests/s';
  /** How many times as fast as that server Envarium has to be. */
  readonly bars: Partial<Readonly<Record<ServerName, number>>>;
  /** What is only aimed at, and fails nothing. */
  readonly aims: Partial<Readonly<Record<ServerName, number>>>;
  /** Bytes that one server will have stored at the end. */
  readonly stored: number;
  /** Once, before the first round. */
  prepare(server: RegistryServer): Promise<void>;
  /** Before each round, once for all servers. */
  renew(): Promise<void>;
  /** @returns so many of `unit`: more is better */
  run(server: RegistryServer): Promise<number>;
}

export interface Measured {
  readonly server: ServerName;
  readonly samples: readonly number[];
  readonly median: number;
  /** Of each of its processes, in bytes; null where it was not started here. */
  readonly peakMemory: readonly number[] | null;
}

/** Each server on an empty directory of its own, by turns; who goes first changes from round to round. */
export async function compare(
  comparison: Comparison,
  servers: readonly Contestant[],
  directory: string,
  rounds: number,
): Promise<Measured[]> {
  await requireRoom(directory, comparison.stored * servers.length);
  const folder = path.join(directory, 'servers');
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const running: RegistryServer[] = [];
  try {
    for (const { start, name } of servers) {
      const server = await start(path.join(folder, name.replaceAll(' ', '-').toLowerCase()));
      running.push(server);
      await comparison.prepare(server);
    }
    const samples = new Map<ServerName, number[]>(running.map(({ name }) => [name, []]));
    // The first round warms up.
    for (let round = 0; round <= rounds; round += 1) {
      await comparison.renew();
      for (const server of turned(running, round)) {
        // What one left to be written is not for the next to wait for.
        await exitOfProgram('sync', []);
        const value = await comparison.run(server);
        if (round > 0) samples.get(server.name)?.push(value);
      }
    }
    return running.map((server) => {
      const own = samples.get(server.name) ?? [];
      return { server: server.name, samples: own, median: median(own), peakMemory: server.peakMemory() };
    });
  } finally {
    for (const server of running) await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** @throws Error rather than to fill the disk */
export async function requireRoom(directory: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  const gib = (size: number): string => (size / 2 ** 30).toFixed(1);
  if (free < bytes * 1.1) throw new Error(`${directory} has ${gib(free)} GiB free, and needs ${gib(bytes * 1.1)} GiB`);
}

export interface Ratio {
  readonly to: ServerName;
  readonly ratio: number;
  readonly atLeast: number | null;
  readonly isBar: boolean;
  readonly isMet: boolean;
}

/** How many times as fast as each other server Envarium is. */
export function ratiosOf({ bars, aims }: Comparison, measured: readonly Measured[]): Ratio[] {
  const own = measured.find(({ server }) => server === ENVARIUM);
  if (own === undefined) return [];
  return measured
    .filter((other) => other !== own)
    .map((other) => {
      const ratio = own.median / other.median;
      const atLeast = bars[other.server] ?? aims[other.server] ?? null;
      const isBar = bars[other.server] !== undefined;
      return { to: other.server, ratio, atLeast, isBar, isMet: atLeast === null || ratio >= atLeast };
    });
}

function turned<T>(values: readonly T[], by: number): T[] {
  const first = by % values.length;
  const order = [...values.slice(first), ...values.slice(0, first)];
  return Math.floor(by / values.length) % 2 === 0 ? order : order.toReversed();
}

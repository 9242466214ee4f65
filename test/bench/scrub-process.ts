import 'reflect-metadata';
import { loadConfig } from '@envarium/config';
import { FixityService } from '@envarium/registry';
import { createContext } from '../../apps/resolver/src/create-context.js';

/*
 * What the resolver does, in a process of its own: each message from the parent is one scrub of everything, answered with
 * a `Scrub`.
 */
export interface Scrub {
  readonly blobs: number;
  readonly faults: number;
  readonly seconds: number;
  /** Of all threads. */
  readonly cpuSeconds: number;
}

const { context } = await createContext(loadConfig());
const fixity = context.get(FixityService, { strict: false });

process.on('message', () => void scrub());
process.on('disconnect', () => void context.close());
process.send?.('ready');

async function scrub(): Promise<void> {
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  const reports = await fixity.check({ bytes: Number.POSITIVE_INFINITY, olderThan: new Date(Date.now() + 1000) });
  const { user, system } = process.cpuUsage(cpu);
  const faults = reports.filter(({ outcome }) => outcome !== 'ok').length;
  const seconds = (performance.now() - started) / 1000;
  process.send?.({ blobs: reports.length, faults, seconds, cpuSeconds: (user + system) / 1e6 } satisfies Scrub);
}

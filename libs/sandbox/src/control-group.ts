import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LimitName, Limits } from './executor.js';

const ROOT = '/sys/fs/cgroup';
/** The builder and its helpers, over what the containers may use. */
const BUILDER_MEMORY = 512 << 20;
const BUILDER_PROCESSES = 256;
const CPU_PERIOD = 100_000;
const PATIENCE = 5000;
/** No job is as old. */
const STALE = 24 * 3_600_000;

/** The control groups of one job; those of its containers are made below them, or beside them, by the runtime. */
export interface ControlGroup {
  /** Files that a process writes `0` to, to enter. */
  readonly entrances: readonly string[];
  readonly counters: { readonly memory: string | null; readonly processes: string | null };
  readonly limits: ReadonlySet<LimitName>;
  usage(): { peakMemoryBytes: number | null; cpuMs: number | null };
  /** Waits until everything inside has ended, then removes it with what a runtime that was killed left behind. */
  remove(): Promise<void>;
}

/** @param id unique on this machine */
export function createControlGroup(id: string, limits: Limits): ControlGroup {
  const own = parseMembership(readFileSync('/proc/self/cgroup', 'utf8'));
  const name = `envarium-${id}`;
  return existsSync(path.join(ROOT, 'cgroup.controllers'))
    ? unified(own, name, limits)
    : perController(own, name, limits);
}

/** By controller, the path of the group that this process is in; the one of version 2 under ''. */
export function parseMembership(text: string): Map<string, string> {
  const groups = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, controllers, ...rest] = line.split(':');
    if (controllers === undefined) continue;
    for (const controller of controllers.split(',')) groups.set(controller, rest.join(':'));
  }
  return groups;
}

/** Version 2. Processes may be in leaves only, so the builder has one of its own beside those of the containers. */
function unified(own: ReadonlyMap<string, string>, name: string, limits: Limits): ControlGroup {
  const parent = path.join(ROOT, path.dirname(own.get('') ?? '/'));
  const group = path.join(parent, name);
  const leaf = path.join(group, 'builder');
  const held = new Set<LimitName>();
  const set = (file: string, value: string, limit?: LimitName): void => {
    if (write(path.join(group, file), value) && limit !== undefined) held.add(limit);
  };
  write(path.join(parent, 'cgroup.subtree_control'), '+memory +pids +cpu');
  mkdirSync(group);
  set('memory.max', String(limits.memoryBytes + BUILDER_MEMORY), 'memory');
  set('memory.swap.max', '0');
  set('pids.max', String(limits.processes + BUILDER_PROCESSES), 'processes');
  set('cpu.max', `${Math.round(limits.cpus * CPU_PERIOD)} ${CPU_PERIOD}`, 'cpu');
  set('cgroup.subtree_control', '+memory +pids +cpu');
  mkdirSync(leaf);
  return {
    entrances: [path.join(leaf, 'cgroup.procs')],
    counters: { memory: group, processes: group },
    limits: held,
    usage: () => ({
      peakMemoryBytes: numberIn(path.join(group, 'memory.peak')),
      cpuMs: milliseconds(/^usage_usec (\d+)/m.exec(read(path.join(group, 'cpu.stat')))?.[1], 1000),
    }),
    remove: async () => await removeTree([group]),
  };
}

/** Version 1: one tree for each controller. */
function perController(own: ReadonlyMap<string, string>, name: string, limits: Limits): ControlGroup {
  const held = new Set<LimitName>();
  const made = new Map<string, string>();
  for (const controller of ['memory', 'pids', 'cpu', 'cpuacct', 'freezer', 'devices', 'blkio']) {
    const group = path.join(ROOT, controller, own.get(controller) ?? '/', name);
    if (make(group)) made.set(controller, group);
  }
  const set = (controller: string, file: string, value: string, limit?: LimitName): void => {
    const group = made.get(controller);
    if (group !== undefined && write(path.join(group, file), value) && limit !== undefined) held.add(limit);
  };
  set('memory', 'memory.limit_in_bytes', String(limits.memoryBytes + BUILDER_MEMORY), 'memory');
  set('memory', 'memory.memsw.limit_in_bytes', String(limits.memoryBytes + BUILDER_MEMORY));
  set('pids', 'pids.max', String(limits.processes + BUILDER_PROCESSES), 'processes');
  set('cpu', 'cpu.cfs_period_us', String(CPU_PERIOD));
  set('cpu', 'cpu.cfs_quota_us', String(Math.round(limits.cpus * CPU_PERIOD)), 'cpu');
  const used = (controller: string, file: string): string => path.join(made.get(controller) ?? '', file);
  return {
    entrances: [...made.values()].map((group) => path.join(group, 'cgroup.procs')),
    counters: { memory: made.get('memory') ?? null, processes: made.get('pids') ?? null },
    limits: held,
    usage: () => ({
      peakMemoryBytes: numberIn(used('memory', 'memory.max_usage_in_bytes')),
      cpuMs: milliseconds(read(used('cpuacct', 'cpuacct.usage')), 1_000_000),
    }),
    remove: async () => {
      const beside = trees(own)
        .flatMap(children)
        .filter((group) => path.basename(group).startsWith(`${name}-`));
      await removeTree([...made.values(), ...beside]);
    },
  };
}

/**
 * Takes away what jobs of workers that were killed left behind: long unused, and empty, or it could not be taken away. To be
 * called before the first job.
 */
export function sweepControlGroups(): void {
  const old = Date.now() - STALE;
  for (const tree of trees(parseMembership(read('/proc/self/cgroup'))))
    for (const group of children(tree)) {
      const made = statSync(group, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
      if (/^envarium-[0-9a-f]{12}/.test(path.basename(group)) && made < old) removed(group);
    }
}

/** Where groups of this process can be, also in trees that a job itself has no group in. */
function trees(own: ReadonlyMap<string, string>): string[] {
  const parent = path.join(ROOT, path.dirname(own.get('') ?? '/'));
  const controllers = children(ROOT).map((tree) => {
    const name = path.basename(tree);
    return path.join(tree, own.get(name) ?? own.get(`name=${name}`) ?? own.get('') ?? '/');
  });
  return [parent, ...controllers];
}

async function removeTree(groups: readonly string[]): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  let left = groups.filter((group) => !removed(group));
  while (left.length > 0 && Date.now() < deadline) {
    await delay(20);
    left = left.filter((group) => !removed(group));
  }
}

/** From the leaves up; false while a process is inside. */
function removed(group: string): boolean {
  if (!children(group).map(removed).every(Boolean)) return false;
  try {
    rmdirSync(group);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

function children(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => path.join(directory, entry.name));
  } catch {
    return [];
  }
}

function make(directory: string): boolean {
  try {
    mkdirSync(directory);
    return true;
  } catch {
    return false;
  }
}

function write(file: string, value: string): boolean {
  try {
    writeFileSync(file, value);
    return true;
  } catch {
    return false;
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

function numberIn(file: string): number | null {
  const text = read(file);
  return /^\d+$/.test(text) ? Number(text) : null;
}

function milliseconds(count: string | undefined, perMillisecond: number): number | null {
  return count !== undefined && /^\d+$/.test(count) ? Math.round(Number(count) / perMillisecond) : null;
}

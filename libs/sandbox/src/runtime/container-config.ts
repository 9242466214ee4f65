import { INSIDE } from '../cell/plan.js';
import {
  CAPABILITY_SETS,
  type CapabilitySet,
  type ContainerConfig,
  type ContainerMount,
  type ContainerPlan,
} from './container-plan.js';

/** Whose names, addresses and settings would get into an image: they are the same in every container. */
const FIXED_FILES = ['/etc/hosts', '/etc/hostname', '/etc/resolv.conf'];
/** What package managers need; no device nodes and no raw packets, which builders would give. */
const BUILD_CAPABILITIES = new Set([
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_NET_BIND_SERVICE',
  'CAP_SETFCAP',
  'CAP_SETGID',
  'CAP_SETPCAP',
  'CAP_SETUID',
  'CAP_SYS_CHROOT',
]);
const HOSTNAME = 'build';
/** What a bind mount of a builder may show: the job's own disk and its context, and what we put there. */
const SHOWN = [`${INSIDE.disk}/`, `${INSIDE.context}/`];

export interface ContainerFacts {
  /** The last part of the name of the container's control group. */
  readonly id: string;
  readonly canPreload: boolean;
  /** Where a path leads to, after all symbolic links. */
  readonly resolve: (path: string) => string;
}

/** @throws Error when the builder would show the container what is not of the job */
export function confine(config: ContainerConfig, plan: ContainerPlan, facts: ContainerFacts): ContainerConfig {
  const mounts = (config.mounts ?? []).map((mount) => confineMount(mount, facts.resolve));
  return {
    ...config,
    hostname: HOSTNAME,
    root: { ...config.root, readonly: plan.isReadOnly },
    process: {
      ...config.process,
      env: environment(config.process.env ?? [], plan, facts.canPreload),
      rlimits: [
        { type: 'RLIMIT_NOFILE', hard: plan.openFiles, soft: plan.openFiles },
        { type: 'RLIMIT_CORE', hard: 0, soft: 0 },
      ],
      ...(plan.workingDirectory !== null && { cwd: plan.workingDirectory }),
      ...(!plan.mayUseCapabilities && { noNewPrivileges: true }),
      capabilities: capabilities(config.process.capabilities ?? {}, plan.mayUseCapabilities),
    },
    mounts: [...mounts, ...ownMounts(plan, mounts)],
    linux: {
      ...config.linux,
      readonlyPaths: [...(config.linux.readonlyPaths ?? []), '/sys/fs/cgroup'],
      namespaces: withOwnGroups(config.linux.namespaces ?? []),
      cgroupsPath: `envarium-${plan.job}-${facts.id}`,
      resources: {
        ...config.linux.resources,
        memory: { limit: plan.memoryBytes },
        pids: { limit: plan.processes },
      },
    },
  };
}

/** Its control groups are named after the job; in a namespace of its own it does not see how. */
function withOwnGroups(namespaces: readonly { type: string; path?: string }[]): { type: string; path?: string }[] {
  return [...namespaces.filter(({ type }) => type !== 'cgroup'), { type: 'cgroup' }];
}

function capabilities(
  present: NonNullable<ContainerConfig['process']['capabilities']>,
  mayUse: boolean,
): Partial<Record<CapabilitySet, string[]>> {
  return Object.fromEntries(
    CAPABILITY_SETS.map((set) => [set, (present[set] ?? []).filter((name) => mayUse && BUILD_CAPABILITIES.has(name))]),
  );
}

function confineMount(mount: ContainerMount, resolve: (path: string) => string): ContainerMount {
  if (mount.type === 'cgroup' || mount.type === 'cgroup2')
    return { ...mount, options: ['rprivate', 'nosuid', 'noexec', 'nodev', 'relatime', 'ro'] };
  if (mount.destination === '/sys')
    return { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] };
  if (!isBind(mount)) return mount;
  if (FIXED_FILES.includes(mount.destination))
    return { destination: mount.destination, type: 'bind', source: mount.destination, options: ['bind', 'ro'] };
  const source = resolve(mount.source ?? '/');
  if (!SHOWN.some((directory) => `${source}/`.startsWith(directory)))
    throw new Error(`a mount at ${mount.destination} would show ${source}, which is not of this build`);
  return { ...mount, source };
}

const isBind = ({ type, options }: ContainerMount): boolean =>
  type === 'bind' || (options ?? []).some((option) => option === 'bind' || option === 'rbind');

function ownMounts(plan: ContainerPlan, present: readonly ContainerMount[]): ContainerMount[] {
  const temporary = (destination: string): ContainerMount[] =>
    plan.isReadOnly && !present.some((mount) => mount.destination === destination)
      ? [{ destination, type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'mode=1777'] }]
      : [];
  const injected: ContainerMount = {
    destination: INSIDE.injectedInContainer,
    type: 'bind',
    source: INSIDE.injected,
    options: ['rbind', 'ro', 'nosuid', 'nodev'],
  };
  return [
    ...temporary('/tmp'),
    ...temporary('/var/tmp'),
    ...temporary('/run'),
    ...plan.mounts.map(({ source, target, isWritable }) => ({
      destination: target,
      type: 'bind',
      source,
      options: ['rbind', isWritable ? 'rw' : 'ro', 'nosuid', 'nodev'],
    })),
    ...(plan.hasInjected ? [injected] : []),
  ];
}

function environment(present: readonly string[], plan: ContainerPlan, canPreload: boolean): string[] {
  const added = { HOSTNAME, ...plan.environment, ...(plan.clock !== null && canPreload && clock(plan.clock)) };
  return [
    ...present.filter((entry) => !Object.hasOwn(added, entry.slice(0, entry.indexOf('=')))),
    ...Object.entries(added).map(([name, value]) => `${name}=${value}`),
  ];
}

/**
 * The clock begins at the same time in every process. Times of files are left alone: they would be moved by the time between
 * then and now, and so be others in every build. https://github.com/wolfcw/libfaketime
 */
function clock(seconds: number): Record<string, string> {
  return {
    LD_PRELOAD: `${INSIDE.injectedInContainer}/libfaketime.so.1`,
    FAKETIME: `@${seconds}`,
    FAKETIME_FMT: '%s',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    NO_FAKE_STAT: '1',
  };
}

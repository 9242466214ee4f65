import { describe, expect, it } from 'vitest';
import { confine } from './container-config.js';
import type { ContainerConfig, ContainerPlan } from './container-plan.js';

const PLAN: ContainerPlan = {
  job: '0123456789ab',
  isReadOnly: false,
  mayUseCapabilities: true,
  workingDirectory: null,
  environment: { SOURCE_DATE_EPOCH: '1' },
  clock: null,
  hasInjected: false,
  mounts: [],
  memoryBytes: 1000,
  processes: 10,
  openFiles: 1024,
};
const CONFIG: ContainerConfig = {
  hostname: '929b2be3dc89',
  root: { path: 'rootfs' },
  process: {
    env: ['PATH=/bin', 'HOSTNAME=929b2be3dc89', 'EMPTY='],
    capabilities: { effective: ['CAP_CHOWN', 'CAP_MKNOD', 'CAP_NET_RAW', 'CAP_SYS_ADMIN'] },
    rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1_048_576, soft: 1_048_576 }],
  },
  mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
  linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }], cgroupsPath: '/other' },
};
const FACTS = { id: 'c1', canPreload: true, resolve: (name: string) => name };

const withMount = (source: string): ContainerConfig => ({
  ...CONFIG,
  mounts: [{ destination: '/target', type: 'bind', source, options: ['rbind'] }],
});

describe('sandbox/runtime/container-config', () => {
  it('takes away what a builder gives too freely', () => {
    const { process, linux, hostname } = confine(CONFIG, PLAN, FACTS);

    expect(process.capabilities?.effective).toEqual(['CAP_CHOWN']);
    expect(process.rlimits).toEqual([
      { type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 },
      { type: 'RLIMIT_CORE', hard: 0, soft: 0 },
    ]);
    expect(linux.cgroupsPath).toBe('envarium-0123456789ab-c1');
    expect(linux.resources).toEqual({ memory: { limit: 1000 }, pids: { limit: 10 } });
    expect(linux.namespaces).toEqual([{ type: 'pid' }, { type: 'mount' }, { type: 'cgroup' }]);
    expect(hostname).toBe('build');
  });

  it('has the same name and environment in every container', () => {
    expect(confine(CONFIG, PLAN, FACTS).process.env).toEqual([
      'PATH=/bin',
      'EMPTY=',
      'HOSTNAME=build',
      'SOURCE_DATE_EPOCH=1',
    ]);
  });

  it('tells another time only to programs that can be told', () => {
    const plan = { ...PLAN, clock: 1_186_654_272, hasInjected: true };
    const pinned = confine(CONFIG, plan, FACTS).process.env;

    expect(pinned).toContain('FAKETIME=@1186654272');
    expect(pinned).toContain('LD_PRELOAD=/dev/.envarium/libfaketime.so.1');
    expect(confine(CONFIG, plan, { ...FACTS, canPreload: false }).process.env?.join(' ')).not.toMatch(
      /FAKETIME|LD_PRELOAD/,
    );
  });

  it.each(['/', '/envarium', '/sys/fs/cgroup', '/diskette', '/usr', '/proc'])('refuses to show %s', (source) => {
    expect(() => confine(withMount(source), PLAN, FACTS)).toThrow('is not of this build');
  });

  it('looks at where a link leads', () => {
    const resolve = (name: string): string => (name === '/disk/storage/link' ? '/' : name);

    expect(() => confine(withMount('/disk/storage/link'), PLAN, { ...FACTS, resolve })).toThrow('would show /');
  });

  it('shows what is of the job', () => {
    const { mounts } = confine(withMount('/disk/storage/x'), PLAN, FACTS);

    expect(mounts).toEqual([{ destination: '/target', type: 'bind', source: '/disk/storage/x', options: ['rbind'] }]);
  });

  it('leaves a run nothing', () => {
    const plan = { ...PLAN, isReadOnly: true, mayUseCapabilities: false };
    const { process, root, mounts } = confine(CONFIG, plan, FACTS);

    expect(process.capabilities).toEqual({ bounding: [], effective: [], permitted: [], inheritable: [], ambient: [] });
    expect(process.noNewPrivileges).toBe(true);
    expect(root.readonly).toBe(true);
    expect(mounts?.map(({ destination }) => destination)).toEqual(['/proc', '/tmp', '/var/tmp', '/run']);
  });
});

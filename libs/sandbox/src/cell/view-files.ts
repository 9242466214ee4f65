import { type CellPlan, INSIDE } from './plan.js';

/** No image but those that were brought in, no short names, no settings and no logins of the host. */
export const CONTAINER_FILES: Readonly<Record<string, string>> = {
  '/etc/passwd': 'root:x:0:0:root:/disk/home:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n',
  '/etc/group': 'root:x:0:\nnogroup:x:65534:\n',
  '/etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
  '/etc/hosts': '127.0.0.1 localhost build\n::1 localhost\n',
  '/etc/hostname': 'build\n',
  '/etc/resolv.conf': 'nameserver 127.0.0.1\noptions attempts:1 timeout:2\n',
  '/etc/containers/policy.json': JSON.stringify({
    default: [{ type: 'reject' }],
    transports: {
      oci: { '': [{ type: 'insecureAcceptAnything' }] },
      'containers-storage': { '': [{ type: 'insecureAcceptAnything' }] },
    },
  }),
  '/etc/containers/registries.conf': 'unqualified-search-registries = []\nshort-name-mode = "enforcing"\n',
  '/etc/containers/containers.conf': [
    '[containers]',
    'default_sysctls = []',
    'default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]',
    'log_driver = "none"',
    '[engine]',
    'cgroup_manager = "cgroupfs"',
    'events_logger = "none"',
    'tmp_dir = "/disk/run/libpod"',
    'runtime = "envarium"',
    '[engine.runtimes]',
    `envarium = ["${INSIDE.runtime}"]`,
    '',
  ].join('\n'),
  '/envarium/package.json': '{"type":"module"}',
  [INSIDE.notes]: '',
};

export const CONTAINER_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/disk/home',
  TMPDIR: '/disk/tmp',
  XDG_RUNTIME_DIR: '/disk/run',
  LANG: 'C.UTF-8',
  TZ: 'UTC',
  CONTAINERS_CONF: '/etc/containers/containers.conf',
  CONTAINERS_STORAGE_CONF: '/etc/containers/storage.conf',
  CONTAINERS_REGISTRIES_CONF: '/etc/containers/registries.conf',
};

export function containersStorage(driver: 'overlay' | 'vfs'): string {
  return `[storage]\ndriver = "${driver}"\ngraphroot = "${INSIDE.disk}/storage"\nrunroot = "${INSIDE.disk}/run"\n`;
}

/**
 * What the builder takes for runc. It changes the container before it is made, and notes how it fared before it is forgotten;
 * the rest goes straight through, as a builder asks for the state of a container many times.
 */
export function runtimeScript(runtime: string, counters: CellPlan['counters']): string {
  const files = [
    ...(counters.memory === null
      ? []
      : [`'${counters.memory}'/*/memory.oom_control`, `'${counters.memory}'/*/memory.events`]),
    ...(counters.processes === null ? [] : [`'${counters.processes}'/*/pids.events`]),
  ];
  return `#!/bin/sh
for word in "$@"; do
  case "$word" in
    create|run) ${INSIDE.node} ${INSIDE.program}/runtime/main.js "$@" || exit 1; break ;;
    delete)
      for file in ${files.join(' ')}; do
        [ -r "$file" ] && while read -r line; do echo "counter $file $line" >> ${INSIDE.notes}; done < "$file"
      done
      echo "disk $(stat -f -c '%a %S' ${INSIDE.disk})" >> ${INSIDE.notes}
      break ;;
  esac
done
exec ${runtime} "$@"
`;
}

import { describe, expect, it } from 'vitest';
import type { BuildJob, Limits, RunJob } from '../executor.js';
import { buildCommand, createBuilder, removeBuilder, runCommand } from './docker-commands.js';

const LIMITS: Limits = {
  wallSeconds: 60,
  memoryBytes: 1_073_741_824,
  processes: 100,
  diskBytes: 2_147_483_648,
  cpus: 1.5,
  logBytes: 1000,
};
const BUILD: BuildJob = {
  directory: '/j',
  context: '/j/context',
  dockerfile: '/j/Dockerfile',
  bases: [{ reference: 'debian:bookworm', image: { layout: '/j/base', digest: 'sha256:abc' } }],
  internet: { kind: 'off' },
  clock: { kind: 'host' },
  epoch: 1_700_000_000,
  platform: 'linux/amd64',
  limits: LIMITS,
};
const RUN: RunJob = {
  directory: '/j',
  image: { layout: '/j/image', digest: 'sha256:abc' },
  command: 'python fig.py > "/out/a b"',
  workingDirectory: '/work',
  environment: { OMP_NUM_THREADS: '1' },
  mounts: [
    { source: '/j/inputs', target: '/data', isWritable: false },
    { source: '/j/out,readonly', target: '/out', isWritable: true },
  ],
  clock: { kind: 'host' },
  limits: LIMITS,
};

describe('sandbox/docker/docker-commands', () => {
  it('makes a builder that has no network, its own limits and its own cache, and takes it away', () => {
    expect(createBuilder('envarium-1', 'moby/buildkit:v0.25.0', LIMITS).join(' ')).toBe(
      'buildx create --name envarium-1 --driver docker-container --driver-opt image=moby/buildkit:v0.25.0 ' +
        '--driver-opt network=none --driver-opt memory=1073741824 --driver-opt memory-swap=1073741824 ' +
        '--driver-opt cpu-period=100000 --driver-opt cpu-quota=150000 --driver-opt restart-policy=no',
    );
    expect(removeBuilder('envarium-1').join(' ')).toBe('buildx rm --force envarium-1');
  });

  it('builds with pinned times, without attestations that differ each time, from the bases that were given', () => {
    expect(buildCommand('envarium-1', '/j/image', BUILD).join(' ')).toBe(
      'buildx build --builder envarium-1 --output type=oci,dest=/j/image,tar=false,rewrite-timestamp=true ' +
        '--provenance=false --sbom=false --no-cache --progress plain --network none --platform linux/amd64 ' +
        '--build-arg SOURCE_DATE_EPOCH=1700000000 --ulimit nofile=1024:1024 --ulimit nproc=100:100 ' +
        '--build-context debian:bookworm=oci-layout:///j/base@sha256:abc --file /j/Dockerfile /j/context',
    );
  });

  it('runs without network, rights and a writable system, under limits', () => {
    expect(runCommand('envarium-2', 'envarium-job:2', RUN)).toEqual(
      [
        'run',
        ['--name', 'envarium-2', '--pull', 'never', '--network', 'none', '--read-only', '--cap-drop', 'ALL'],
        ['--security-opt', 'no-new-privileges', '--pids-limit', '100', '--memory', '1073741824'],
        ['--memory-swap', '1073741824', '--cpus', '1.5', '--ulimit', 'nofile=1024:1024'],
        ['--tmpfs', '/tmp:rw,nosuid,nodev,size=2147483648', '--log-driver', 'none', '--init'],
        ['--env', 'OMP_NUM_THREADS=1'],
        ['--mount', 'type=bind,source=/j/inputs,target=/data,readonly'],
        ['--mount', 'type=bind,"source=/j/out,readonly",target=/out'],
        ['--workdir', '/work', '--entrypoint', '/bin/sh', 'envarium-job:2', '-c', 'python fig.py > "/out/a b"'],
      ].flat(),
    );
  });
});

import type { BuildJob, RunJob } from './executor.js';
import { type Command, INSIDE } from './cell/plan.js';

const RESULT = 'localhost/envarium:result';
const SUBJECT = 'localhost/envarium:subject';
const LIMITS = ['--ulimit', 'nofile=1024:1024'];

/** What one builder is told; all paths are those inside. */
export interface Engine {
  readonly id: 'buildah' | 'podman';
  readonly programs: readonly string[];
  build(job: BuildJob): { readonly program: Command; readonly finish: readonly Command[] };
  run(job: RunJob): { readonly prepare: readonly Command[]; readonly program: Command };
}

export const bringIn = (layout: string, reference: string): Command => [
  'skopeo',
  'copy',
  '--quiet',
  `oci:${layout}`,
  `containers-storage:${reference}`,
];

const BUILD = [
  '--isolation',
  'oci',
  '--network',
  'host',
  '--dns',
  '127.0.0.1',
  '--no-cache',
  '--layers=false',
  '--identity-label=false',
  '--format',
  'oci',
  ...LIMITS,
];

export const BUILDAH: Engine = {
  id: 'buildah',
  programs: ['buildah', 'runc', 'skopeo'],
  build: ({ epoch }) => ({
    program: [
      'buildah',
      'build',
      '--runtime',
      INSIDE.runtime,
      ...BUILD,
      '--pull=never',
      '--timestamp',
      String(epoch),
      '--file',
      INSIDE.dockerfile,
      '--disable-compression=false',
      '--tag',
      `oci:${INSIDE.image}`,
      INSIDE.context,
    ],
    finish: [],
  }),
  run: ({ command, workingDirectory }) => ({
    prepare: [bringIn('/image', SUBJECT), ['buildah', 'from', '--quiet', '--pull-never', '--name', 'subject', SUBJECT]],
    program: [
      'buildah',
      'run',
      '--isolation',
      'oci',
      '--runtime',
      INSIDE.runtime,
      '--network',
      'host',
      ...(workingDirectory === null ? [] : ['--workingdir', workingDirectory]),
      'subject',
      '--',
      '/bin/sh',
      '-c',
      command,
    ],
  }),
};

export const PODMAN: Engine = {
  id: 'podman',
  programs: ['podman', 'runc', 'conmon', 'skopeo'],
  build: ({ epoch }) => ({
    program: [
      'podman',
      'build',
      ...BUILD,
      '--pull=never',
      '--timestamp',
      String(epoch),
      '--file',
      INSIDE.dockerfile,
      '--tag',
      RESULT,
      INSIDE.context,
    ],
    finish: [['podman', 'push', '--quiet', '--format', 'oci', RESULT, `oci:${INSIDE.image}`]],
  }),
  run: ({ command, workingDirectory, limits }) => ({
    prepare: [bringIn('/image', SUBJECT)],
    program: [
      'podman',
      'run',
      '--pull=never',
      '--cgroups',
      'no-conmon',
      '--network',
      'host',
      '--read-only',
      '--cap-drop',
      'all',
      '--security-opt',
      'no-new-privileges',
      '--pids-limit',
      String(limits.processes),
      '--memory',
      String(limits.memoryBytes),
      ...LIMITS,
      '--ulimit',
      'nproc=4096:4096',
      '--log-driver',
      'none',
      ...(workingDirectory === null ? [] : ['--workdir', workingDirectory]),
      '--entrypoint',
      '["/bin/sh","-c"]',
      SUBJECT,
      command,
    ],
  }),
};

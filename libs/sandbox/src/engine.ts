import { type Command, INSIDE } from './cell/plan.js';
import type { BuildJob, RunJob } from './executor.js';

const RESULT = 'localhost/envarium:result';
const SUBJECT = 'localhost/envarium:subject';

/** What one builder is told; all paths are those inside. */
export interface Engine {
  readonly id: 'buildah' | 'podman';
  readonly programs: readonly string[];
  build(job: BuildJob): { readonly program: Command; readonly finish: readonly Command[] };
  run(job: RunJob): { readonly prepare: readonly Command[]; readonly program: Command };
}

const words = (text: string): string[] => text.split(' ');

export function bringIn(layout: string, reference: string): Command {
  return ['skopeo', ...words('copy --quiet'), `oci:${layout}`, `containers-storage:${reference}`];
}

// The network of the host is the private one that all of this is in.
const CONTAINER = words('--isolation oci --network host --ulimit nofile=1024:1024');
const IMAGE = words('--format oci --identity-label=false --no-cache --layers=false --pull=never --dns 127.0.0.1');
const recipe = ({ epoch }: BuildJob): string[] => words(`--timestamp ${epoch} --file ${INSIDE.dockerfile}`);

export const BUILDAH: Engine = {
  id: 'buildah',
  programs: ['buildah', 'runc', 'skopeo'],
  build: (job) => ({
    program: [
      'buildah',
      ...words(`build --runtime ${INSIDE.runtime}`),
      ...CONTAINER,
      ...IMAGE,
      ...recipe(job),
      // Straight into a layout: an image in its own store would be unpacked once more.
      ...words(`--disable-compression=false --tag oci:${INSIDE.image} ${INSIDE.context}`),
    ],
    finish: [],
  }),
  run: ({ command }) => ({
    prepare: [
      bringIn(INSIDE.subject, SUBJECT),
      ['buildah', ...words(`from --quiet --pull-never --name subject ${SUBJECT}`)],
    ],
    program: [
      'buildah',
      ...words(`run --runtime ${INSIDE.runtime} --isolation oci --network host subject -- /bin/sh -c`),
      command,
    ],
  }),
};

export const PODMAN: Engine = {
  id: 'podman',
  programs: ['podman', 'runc', 'conmon', 'skopeo'],
  build: (job) => ({
    program: ['podman', 'build', ...CONTAINER, ...IMAGE, ...recipe(job), '--tag', RESULT, INSIDE.context],
    finish: [['podman', ...words(`push --quiet --format oci ${RESULT} oci:${INSIDE.image}`)]],
  }),
  run: ({ command, limits }) => ({
    prepare: [bringIn(INSIDE.subject, SUBJECT)],
    program: [
      'podman',
      // Without `no-conmon` it would move itself out of the control groups of the job.
      ...words('run --pull=never --cgroups no-conmon --network host --log-driver none'),
      ...words('--read-only --cap-drop all --security-opt no-new-privileges'),
      ...words('--ulimit nofile=1024:1024 --ulimit nproc=4096:4096'),
      ...words(`--pids-limit ${limits.processes} --memory ${limits.memoryBytes}`),
      ...words(`--entrypoint ["/bin/sh","-c"] ${SUBJECT}`),
      command,
    ],
  }),
};

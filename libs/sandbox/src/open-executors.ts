import { sweepControlGroups } from './control-group.js';
import { DockerExecutor } from './docker/docker.executor.js';
import { BUILDAH, PODMAN } from './engine.js';
import type { Executor } from './executor.js';
import { inClusterAccess, KubernetesApi, KubernetesExecutor, type KubernetesSettings } from './kubernetes/index.js';
import { LocalExecutor } from './local-executor.js';
import { nativePlatform } from './platform.js';
import { writeTinyImage } from './tiny-image.js';

/** What buildx takes when nobody says another. Never pulled: where it is not there, docker only runs images. */
const BUILDKIT_IMAGE = 'moby/buildkit:buildx-stable-1';

/** Where the programs of a pod are in the image that docker/Dockerfile makes for it. */
const POD_PROGRAMS = '/app/dist/apps/resolver/src/pod';

export interface ExecutorSettings {
  /** Holds what the probes build and run; emptied afterwards. */
  readonly scratch: string;
  /** Null: on this machine only. */
  readonly kubernetes?: ClusterSettings | null;
}

export interface ClusterSettings extends Omit<KubernetesSettings, 'command' | 'standInCommand'> {
  /** Null: the cluster that this process runs in. */
  readonly api: string | null;
}

/**
 * The executors of this machine, the preferred one first. Whether one is usable, and why not, is what its `probe` says; it is
 * found out once.
 */
export async function openExecutors({ scratch, kubernetes = null }: ExecutorSettings): Promise<Executor[]> {
  sweepControlGroups();
  const platform = nativePlatform();
  return [
    ...(kubernetes === null ? [] : [await openCluster(kubernetes)]),
    ...[BUILDAH, PODMAN].map((engine) => new LocalExecutor(engine, scratch)),
    new DockerExecutor({
      program: 'docker',
      host: null,
      builderImage: BUILDKIT_IMAGE,
      scratch,
      platform,
      tinyImage: async (layout) => await writeTinyImage(layout, [], platform),
    }),
  ];
}

/** @throws ArchiveError CONFIG_INVALID when there is no cluster around this process, and none is named */
async function openCluster({ api, ...settings }: ClusterSettings): Promise<Executor> {
  const access = api === null ? await inClusterAccess() : { server: new URL(api), ca: null, token: null };
  return new KubernetesExecutor(new KubernetesApi(access), {
    ...settings,
    command: ['node', `${POD_PROGRAMS}/build.js`],
    standInCommand: ['node', `${POD_PROGRAMS}/stand-in.js`],
  });
}

/** What works inside a pod: the walls of any other machine, within that of the cluster. */
export function openPodExecutor(scratch: string): Executor {
  return new LocalExecutor(BUILDAH, scratch);
}

import { sweepControlGroups } from './control-group.js';
import { DockerExecutor } from './docker/docker.executor.js';
import { BUILDAH, PODMAN } from './engine.js';
import type { Executor } from './executor.js';
import { LocalExecutor } from './local-executor.js';
import { nativePlatform } from './platform.js';
import { writeTinyImage } from './tiny-image.js';

/** What buildx takes when nobody says another. Never pulled: where it is not there, docker only runs images. */
const BUILDKIT_IMAGE = 'moby/buildkit:buildx-stable-1';

export interface ExecutorSettings {
  /** Holds what the probes build and run; emptied afterwards. */
  readonly scratch: string;
}

/**
 * The executors of this machine, the preferred one first. Whether one is usable, and why not, is what its `probe` says; it is
 * found out once.
 */
export async function openExecutors({ scratch }: ExecutorSettings): Promise<Executor[]> {
  sweepControlGroups();
  const platform = nativePlatform();
  return [
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

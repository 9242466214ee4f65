import { sweepControlGroups } from './control-group.js';
import { BUILDAH, PODMAN } from './engine.js';
import type { Executor } from './executor.js';
import { LocalExecutor } from './local-executor.js';

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
  return [BUILDAH, PODMAN].map((engine) => new LocalExecutor(engine, scratch));
}

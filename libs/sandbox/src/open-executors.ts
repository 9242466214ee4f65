import { type Executor } from './executor.js';

export interface ExecutorSettings {
  /** Holds what the probes build and run; emptied afterwards. */
  readonly scratch: string;
}

/** The executors of this machine that were seen to work, the preferred one first. Found out once in a process. */
export async function openExecutors(settings: ExecutorSettings): Promise<Executor[]> {
  void settings;
  return [];
}

import type { CellLimit } from './plan.js';

/**
 * The limit that a file of a control group says was hit: `memory.oom_control` and `memory.events` count what was killed,
 * `pids.events` the processes that were refused. https://www.kernel.org/doc/html/latest/admin-guide/cgroup-v2.html
 */
export function limitHit(file: string, text: string): CellLimit | null {
  if (file.endsWith('pids.events') && counter(text, 'max') > 0) return 'processes';
  if (/memory\.(oom_control|events)$/.test(file) && counter(text, 'oom_kill') > 0) return 'memory';
  return null;
}

export function counter(text: string, name: string): number {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? 0);
}

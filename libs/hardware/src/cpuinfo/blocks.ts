import { splitLabel } from '../labelled-line.js';

/** `/proc/cpuinfo` taken apart: one block per CPU, and what stands outside of them. Keys keep their case. */
export interface Cpuinfo {
  readonly cpus: readonly ReadonlyMap<string, string>[];
  readonly shared: ReadonlyMap<string, string>;
}

/**
 * A block begins with `processor : 0` and ends with an empty line. Keys keep their case: old ARM kernels write the name
 * as `Processor` before the blocks. Of a repeated key the first value stays.
 */
export function toBlocks(content: string): Cpuinfo {
  const cpus: Map<string, string>[] = [];
  const shared = new Map<string, string>();
  let block = shared;
  for (const line of content.split(/\r?\n/)) {
    if (line.trim() === '') {
      block = shared;
      continue;
    }
    const field = splitLabel(line);
    if (field === null) continue;
    const { label: key, value } = field;
    if (key === 'processor' && /^\d+$/.test(value)) {
      block = new Map();
      cpus.push(block);
    }
    if (!block.has(key)) block.set(key, value);
  }
  return { cpus, shared };
}

/** Distinct values over all CPUs; of the shared part when no CPU has the key. Empty values are none. */
export function valuesOf({ cpus, shared }: Cpuinfo, key: string): string[] {
  const values = new Set<string>();
  for (const cpu of cpus) {
    const value = cpu.get(key);
    if (value !== undefined && value !== '') values.add(value);
  }
  const outside = shared.get(key);
  if (values.size === 0 && outside !== undefined && outside !== '') values.add(outside);
  return [...values];
}

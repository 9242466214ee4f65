import type { Cpu, HardwareSource } from '@envarium/schema';
import type { TopologyObject } from './schema.js';

/** `L1Cache` is the data cache from format 2 on; format 1 wrote `Cache` with depth and type. Sizes are of one instance. */
export function cachesOf(objects: readonly TopologyObject[], source: HardwareSource): Cpu['caches'] {
  const byName = new Map<string, { sizeBytes: number; instances: number }>();
  for (const object of objects) {
    const name = nameOf(object);
    const size = object['@cache_size'] ?? '';
    if (name === null || !/^[1-9]\d{0,12}$/.test(size)) continue;
    const sum = byName.get(name) ?? { sizeBytes: 0, instances: 0 };
    byName.set(name, { sizeBytes: sum.sizeBytes + Number(size), instances: sum.instances + 1 });
  }
  const names = [...byName.keys()].toSorted();
  return names.flatMap((name) => {
    const sum = byName.get(name);
    return sum === undefined ? [] : [{ name, ...sum, source }];
  });
}

/** Types: 0 unified, 1 data, 2 instruction. */
function nameOf({ '@type': type, '@depth': depth, '@cache_type': kind }: TopologyObject): string | null {
  const level = /^L(?<level>[1-5])i?Cache$/.exec(type)?.groups?.['level'] ?? (type === 'Cache' ? depth : undefined);
  if (level === undefined || !/^[1-5]$/.test(level)) return null;
  const suffix = kind === '1' ? 'd' : kind === '2' ? 'i' : '';
  return `L${level}${suffix}`;
}

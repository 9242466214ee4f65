type CacheSize = { sumBytes: number; instances: number | null } | { sumBytes: null; reason: string };

const UNIT_BYTES: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['KiB', 2 ** 10],
  ['MiB', 2 ** 20],
  ['GiB', 2 ** 30],
]);

/**
 * `192 KiB (4 instances)`, `480 MiB`, `196608 (4 instances)` are sums over all instances. `32K` is the size of one
 * instance: so wrote lscpu before util-linux 2.34.
 */
export function parseCacheSize(text: string): CacheSize {
  const size = /^(?<amount>\d{1,12}(?:\.\d{1,3})?) ?(?<unit>[KMG]iB|)(?: \((?<instances>\d{1,6}) instances?\))?$/.exec(
    text,
  )?.groups;
  const unitBytes = UNIT_BYTES.get(size?.['unit'] ?? '');
  if (size !== undefined && unitBytes !== undefined) {
    const instances = size['instances'] === undefined ? null : Number(size['instances']);
    return { sumBytes: Math.round(Number(size['amount']) * unitBytes), instances };
  }
  if (/^\d+[KMG]$/.test(text)) return { sumBytes: null, reason: 'size of one instance, their number is not reported' };
  return { sumBytes: null, reason: 'not a size' };
}

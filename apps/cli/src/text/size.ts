const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** As in `1.5 MiB`. */
export function formatSize(bytes: number): string {
  let value = bytes;
  for (const unit of UNITS) {
    if (value < 1024 || unit === 'TiB') return unit === 'B' ? `${value} B` : `${value.toFixed(1)} ${unit}`;
    value /= 1024;
  }
  return `${bytes} B`;
}

import type { Comparison, Measured, Ratio } from './comparison.js';
import type { Finding } from './finding.js';

const MIB = 1 << 20;

/** A table with the median of each server, and what each bar says. */
export function linesOfComparison(
  comparison: Comparison,
  measured: readonly Measured[],
  ratios: readonly Ratio[],
): string[] {
  const number = (value: number): string => (value < 100 ? value.toFixed(1) : Math.round(value).toString()).padStart(8);
  const head = `  ${'server'.padEnd(16)} ${comparison.unit.padStart(10)}      min      max  ${'Envarium is'.padEnd(34)} peak RSS of its processes, MiB`;
  const rows = measured.map(({ server, samples, median, peakMemory }) => {
    const own = ratios.find(({ to }) => to === server);
    const spread = `${number(Math.min(...samples))} ${number(Math.max(...samples))}`;
    const memory =
      peakMemory === null ? 'not started here' : peakMemory.map((bytes) => Math.round(bytes / MIB)).join(' + ');
    return `  ${server.padEnd(16)}   ${number(median)} ${spread}  ${(own === undefined ? '' : verdict(own)).padEnd(34)} ${memory}`;
  });
  return [head, ...rows];
}

export function lineOfFinding({ what, value, bar, isMet }: Finding): string {
  const word = bar === null ? '' : isMet ? 'PASS' : 'FAIL';
  return `  ${word.padEnd(4)}  ${what}: ${value}${bar === null ? '' : ` (${bar})`}`;
}

function verdict({ ratio, atLeast, isBar, isMet }: Ratio): string {
  const times = `${ratio.toFixed(2)} times as fast`;
  if (atLeast === null) return times;
  const wanted = `>= ${atLeast.toFixed(1)}x`;
  return isBar ? `${isMet ? 'PASS' : 'FAIL'}  ${times} (${wanted})` : `${times} (aim ${wanted})`;
}

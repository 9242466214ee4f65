import type { CoverageState, EnvironmentCoverage } from '@envarium/schema';
import { count } from './version-text.js';

const PLACES_SHOWN = 10;
const STATES: Readonly<Record<CoverageState, string>> = {
  read: 'read',
  'partly-read': 'read in part',
  'not-understood': 'not understood',
  pending: 'not read yet',
};

/** What a list of packages rests on: "not found" is never "absent". */
export function coverageLines({
  statement,
  sources,
  notUnderstood,
  notUnderstoodCount,
}: EnvironmentCoverage): string[] {
  const images = sources.filter(({ kind }) => kind === 'image');
  const rest = notUnderstoodCount - Math.min(notUnderstood.length, PLACES_SHOWN);
  return [
    statement,
    ...images.flatMap(({ platform, state, packageCount, message, asks }) => [
      [
        `  image${platform === null ? '' : ` for ${platform}`}: ${STATES[state]}`,
        ...(packageCount > 0 ? [count(packageCount, 'package')] : []),
        ...(message === null ? [] : [message]),
      ].join(', '),
      ...asks.map((need) => `    asks for ${need}`),
    ]),
    ...notUnderstood
      .slice(0, PLACES_SHOWN)
      .map(({ place, line, message }) => `  not understood: ${place}${line === null ? '' : `:${line}`}, ${message}`),
    ...(rest > 0 ? [`  and ${count(rest, 'other place')}`] : []),
  ];
}

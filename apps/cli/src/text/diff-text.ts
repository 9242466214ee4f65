import type { EnvironmentDiff } from '@envarium/schema';
import { table } from './table.js';

/** The sentences, and on demand every package that differs. */
export function diffLines({ from, to, summary, packages }: EnvironmentDiff, withPackages: boolean): string[] {
  const rows = packages.map(({ scope, ecosystem, name, change, from: before, to: after }) => [
    change,
    scope,
    ecosystem,
    name,
    before.join(', ') || '-',
    after.join(', ') || '-',
  ]);
  return [
    `${from.name} → ${to.name}`,
    ...summary.map((sentence) => `  ${sentence}`),
    ...(withPackages && rows.length > 0
      ? ['', ...table(['change', 'scope', 'ecosystem', 'package', from.name, to.name], rows)]
      : []),
  ];
}

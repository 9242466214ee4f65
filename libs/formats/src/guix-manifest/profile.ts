import type { SpecPackage } from '@envarium/schema';
import { headOf, listsIn, type Datum, type ListDatum } from '../s-expression.js';
import { specPackage } from '../spec.js';

/** `("python" "3.10.7" "out" "/gnu/store/...-python-3.10.7" ...)` */
interface Entry {
  readonly name: string;
  readonly version: string;
  readonly output: string;
  readonly item: string;
  readonly line: number;
}

/**
 * The packages of an installed profile (`$GUIX_PROFILE/manifest`), with those that came along with others. There are no names
 * for them but these; the path in the store holds a hash of everything that went into the package.
 */
export function readProfile(profile: Datum): SpecPackage[] {
  const lists = listsIn([profile]);
  const entries = lists
    .filter((list) => ['packages', 'propagated-inputs'].includes(headOf(list) ?? ''))
    .flatMap(({ items }) => (items[1]?.kind === 'list' ? items[1].items : []))
    .flatMap((datum) => (datum.kind === 'list' ? (entryOf(datum) ?? []) : []));
  const known = new Map(entries.toReversed().map((entry) => [`${entry.item} ${entry.output}`, entry]));
  return [...known.values()]
    .toSorted((a, b) => a.line - b.line)
    .map(({ name, version, output, item, line }) =>
      specPackage({
        ecosystem: 'guix',
        name,
        version,
        build: output === 'out' ? null : output,
        standing: 'observed',
        source: item,
        line,
      }),
    );
}

function entryOf({ items, line }: ListDatum): Entry | null {
  const [name, version, output, item] = items.map((each) => (each.kind === 'string' ? each.text : null));
  if (!name || !version || !output || !item?.startsWith('/')) return null;
  return { name, version, output, item, line };
}

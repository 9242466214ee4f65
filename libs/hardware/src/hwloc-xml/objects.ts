import type { Info, TopologyObject } from './schema.js';

/** All objects of a tree, each with those below it, whether they are memory, normal or I/O children. */
export function allObjects(roots: readonly TopologyObject[]): TopologyObject[] {
  const found: TopologyObject[] = [];
  const waiting = [...roots];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    found.push(next);
    // Backwards, so that the order is that of the document.
    for (const child of next.object.toReversed()) waiting.push(child);
  }
  return found;
}

/**
 * How many objects of a type lie below each of the parents; null when the numbers differ or there is none. Each counts
 * for its nearest parent, in one walk: a hostile tree can nest parents.
 */
export function uniformCount(
  roots: readonly TopologyObject[],
  parents: ReadonlySet<string>,
  type: string,
): number | null {
  const counts: number[] = [];
  const waiting = roots.map((object) => ({ object, parent: -1 }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { object } = next;
    let { parent } = next;
    if (object['@type'] === type && parent >= 0) counts[parent] = (counts[parent] ?? 0) + 1;
    if (parents.has(object['@type'])) parent = counts.push(0) - 1;
    for (const child of object.object) waiting.push({ object: child, parent });
  }
  const [count, other] = new Set(counts);
  return count === undefined || other !== undefined || count === 0 ? null : count;
}

/** Distinct values of an info, without those that only fill a field. */
export function infoValues(infos: readonly (Info | string)[], name: string): string[] {
  const values = infos.flatMap((info) => {
    if (typeof info === 'string' || info['@name'] !== name) return [];
    const value = decode(info['@value'] ?? '').trim();
    return value === '' ? [] : [value];
  });
  return [...new Set(values)];
}

/** The five entities that every XML has; others are refused with their declaration. */
function decode(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
}

/**
 * Bits of `0x000f000f,0xffffffff`.
 * @returns null when it is no bitmap, or an infinite one (`0xf...f`)
 */
export function countBits(bitmap: string): number | null {
  if (!/^0x[0-9a-f]{1,8}(?:,(?:0x[0-9a-f]{1,8})?)*$/i.test(bitmap)) return null;
  let bits = 0;
  for (const digit of bitmap.replaceAll(/0x|,/gi, '')) {
    for (let value = Number.parseInt(digit, 16); value > 0; value >>= 1) bits += value & 1;
  }
  return bits;
}

import type { Evidence } from '@envarium/schema';

/** Items that say the same become one. The key is the statement itself, so nothing can be merged that differs. */
export function merge<T extends { evidence: Evidence[] }>(items: readonly T[]): T[] {
  const merged = new Map<string, T>();
  for (const item of items) {
    const key = statementOf(item);
    const known = merged.get(key);
    if (known === undefined) merged.set(key, item);
    else known.evidence.push(...item.evidence);
  }
  for (const item of merged.values()) item.evidence.sort((a, b) => byEvidence({ evidence: a }, { evidence: b }));
  return [...merged].sort(([a], [b]) => compare(a, b)).map(([, item]) => item);
}

/** What is said, wherever it stands. */
export function statementOf(item: { readonly evidence: readonly Evidence[] }): string {
  const { evidence: _, ...statement } = item;
  return JSON.stringify(statement);
}

export function byEvidence(a: { evidence: Evidence }, b: { evidence: Evidence }): number {
  return compare(a.evidence.file, b.evidence.file) || (a.evidence.line ?? 0) - (b.evidence.line ?? 0);
}

export function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

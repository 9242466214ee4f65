/** How one file of the corpus compares with its expected result. */
export interface Verdict {
  readonly outcome: 'ok' | 'differs' | 'refused' | 'not understood yet';
  /** empty for ok */
  readonly detail: string;
  /** something stands in the result that the file does not say */
  readonly hasInvention: boolean;
}

export const ok: Verdict = { outcome: 'ok', detail: '', hasInvention: false };

/** Compares two sets of facts; at most a few of each difference are named. */
export function compareSets(expected: ReadonlySet<string>, actual: ReadonlySet<string>): Verdict {
  const missing = [...expected].filter((fact) => !actual.has(fact));
  const extra = [...actual].filter((fact) => !expected.has(fact));
  if (missing.length === 0 && extra.length === 0) return ok;
  const detail = [list('missing', missing), list('extra', extra)].filter((part) => part !== '').join(', ');
  return { outcome: 'differs', detail, hasInvention: extra.length > 0 };
}

function list(word: string, facts: readonly string[]): string {
  if (facts.length === 0) return '';
  const more = facts.length > 4 ? ` and ${facts.length - 4} more` : '';
  return `${word} ${facts.slice(0, 4).join(' ')}${more}`;
}

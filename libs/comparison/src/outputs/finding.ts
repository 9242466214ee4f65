import type { OutputComparison } from '@envarium/schema';

/** What looking into two files of unequal digests gave. */
export interface Finding {
  readonly how: OutputComparison['how'];
  readonly isWithin: boolean;
  /** In words. */
  readonly detail: string;
}

/** A file is not what its name or its first bytes say, or more than is read here. It is then compared in a simpler way. */
export class Unreadable extends Error {}

/** A few characters of somebody else's text, on one line. */
export function excerpt(text: string): string {
  const shown = text.length > 60 ? `${text.slice(0, 60)}...` : text;
  return JSON.stringify(shown);
}

export function percentage(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

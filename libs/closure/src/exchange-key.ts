import type { Exchange } from '@envarium/schema';

/** Headers that an answer may depend on, and that are sent to upstream as they come. */
export const VARYING = ['accept', 'user-agent'] as const;
export type VaryingHeader = (typeof VARYING)[number];

/** What was asked, with all headers that an answer may depend on. */
export interface Question {
  readonly method: Exchange['method'];
  readonly url: string;
  readonly request: Readonly<Partial<Record<VaryingHeader, string>>>;
  readonly requestDigest: string | null;
}

/** The same for all questions that ask for one thing, whatever their headers. */
export function addressKey({ method, url, requestDigest }: Omit<Question, 'request'>): string {
  return JSON.stringify([method, url, requestDigest]);
}

export function questionKey(question: Question): string {
  const headers = VARYING.map((name) => question.request[name] ?? null);
  return JSON.stringify([question.method, question.url, question.requestDigest, ...headers]);
}

/** The varying headers that a Vary header names; `*` and others say nothing that a question could be told apart by. */
export function variesBy(vary: string | undefined): VaryingHeader[] {
  const names = new Set((vary ?? '').split(',').map((name) => name.trim().toLowerCase()));
  return VARYING.filter((name) => names.has(name));
}

import { ArchiveError } from '@envarium/errors';

/** Clients do not all follow `Link`, so a page without `n` is large. */
const DEFAULT_LIMIT = 1000;
const MAX_LIMIT = 10_000;

/**
 * `?n=&last=` of the lists. A larger `n` than we give in one answer is cut; `Link` leads on.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags
 * @throws ArchiveError REQUEST_INVALID
 */
export function parsePageQuery(query: URLSearchParams): { limit: number; after: string | null } {
  const n = query.get('n') ?? String(DEFAULT_LIMIT);
  if (!/^\d{1,15}$/.test(n)) throw new ArchiveError('REQUEST_INVALID', { parameter: 'n', value: n.slice(0, 20) });
  return { limit: Math.min(Number(n), MAX_LIMIT), after: textParameter(query, 'last') };
}

/** A parameter that is compared with names; PostgreSQL has no NUL in text. */
export function textParameter(query: URLSearchParams, parameter: string): string | null {
  const value = query.get(parameter);
  if (value === null || value === '') return null;
  if (value.includes('\0')) throw new ArchiveError('REQUEST_INVALID', { parameter, reason: 'NUL' });
  return value;
}

/**
 * One page, and where the next begins.
 * @param list asked for one entry more than the page holds, which tells whether there is a next page
 */
export async function readPage(
  limit: number,
  list: (limit: number) => Promise<string[]>,
): Promise<{ page: string[]; next: string | null }> {
  if (limit === 0) return { page: [], next: null };
  const names = await list(limit + 1);
  const page = names.slice(0, limit);
  return { page, next: names.length > limit ? (page.at(-1) ?? null) : null };
}

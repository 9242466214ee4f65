import { ArchiveError } from '@envarium/errors';
import { z } from 'zod';

/** The sort key of one row, in the order of the `ORDER BY`. A bigint comes back from `decodeCursor` as a bigint. */
export type CursorValue = string | number | bigint;

export interface Page<T> {
  readonly items: readonly T[];
  /** Cursor of the page after this one, or null on the last page. */
  readonly next: string | null;
}

/** Longest cursor taken: sort keys are ids, times and names, and a query string must stay short. */
const MAX_LENGTH = 1024;

// JSON has no bigint, and a plain string of digits must stay a string: bigints travel as {"n":"<digits>"}.
const EncodedValue = z.union([
  // PostgreSQL text cannot hold NUL: a forged cursor would fail as a query, not as a cursor.
  z.string().refine((value) => !value.includes('\0')),
  z.number(),
  z
    .strictObject({ n: z.string().regex(/^-?(?:0|[1-9]\d{0,18})$/) })
    .transform(({ n }) => BigInt(n))
    .refine((value) => BigInt.asIntN(64, value) === value),
]);
const EncodedCursor = z.array(EncodedValue).min(1);

/**
 * Opaque keyset cursor (base64url of a JSON array) for the row whose sort key is `values`.
 * @throws RangeError when the sort key does not fit: the query sorts by something that is not a key.
 */
export function encodeCursor(values: readonly CursorValue[]): string {
  const json = JSON.stringify(values.map((value) => (typeof value === 'bigint' ? { n: value.toString() } : value)));
  const text = Buffer.from(json).toString('base64url');
  if (text.length > MAX_LENGTH) throw new RangeError(`cursor of ${text.length} characters`);
  return text;
}

interface CursorTypes {
  readonly string: string;
  readonly number: number;
  readonly bigint: bigint;
}
type SortKey<T extends readonly (keyof CursorTypes)[]> = { -readonly [K in keyof T]: CursorTypes[T[K]] };

/**
 * The sort key that `encodeCursor` was given.
 * @param types of the values that the query sorts by: a cursor of another list would begin this one anew, for ever
 * @throws ArchiveError CURSOR_INVALID for any text that `encodeCursor` cannot have made for this query
 */
export function decodeCursor<const T extends readonly (keyof CursorTypes)[]>(text: string, types: T): SortKey<T> {
  if (text.length > MAX_LENGTH) throw new ArchiveError('CURSOR_INVALID', { length: text.length, maximum: MAX_LENGTH });

  const { data } = EncodedCursor.safeParse(parseJson(Buffer.from(text, 'base64url').toString('utf8')));
  // Node's decoder skips what is not base64url, so that many texts mean one cursor: only our own spelling is taken.
  if (data === undefined || !isOfTypes(data, types) || encodeCursor(data) !== text) {
    throw new ArchiveError('CURSOR_INVALID', { cursor: text });
  }
  return data;
}

/**
 * Cuts a page out of rows that were queried with `take: limit + 1`: the row too many only says that there is more.
 * @param keyOf sort key of a row, in the order of the `ORDER BY`
 */
export function pageOf<T>(rows: readonly T[], limit: number, keyOf: (row: T) => readonly CursorValue[]): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : null };
}

/** A page for readers who may go on after any of its items, not only after the last. */
export interface EdgePage<T> {
  readonly edges: readonly { readonly node: T; readonly cursor: string }[];
  readonly hasNextPage: boolean;
}

/** As `pageOf`, with a cursor for every item, and each row presented. */
export function edgesOf<R, T>(
  rows: readonly R[],
  limit: number,
  keyOf: (row: R) => readonly CursorValue[],
  present: (row: R) => T,
): EdgePage<T> {
  const edges = rows.slice(0, limit).map((row) => ({ node: present(row), cursor: encodeCursor(keyOf(row)) }));
  return { edges, hasNextPage: rows.length > limit };
}

/** The same page for readers who only ask for the next one. */
export function pageOfEdges<T>({ edges, hasNextPage }: EdgePage<T>): Page<T> {
  return { items: edges.map((edge) => edge.node), next: hasNextPage ? (edges.at(-1)?.cursor ?? null) : null };
}

function isOfTypes<T extends readonly (keyof CursorTypes)[]>(
  values: CursorValue[],
  types: T,
): values is CursorValue[] & SortKey<T> {
  return values.length === types.length && values.every((value, i) => typeof value === types[i]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

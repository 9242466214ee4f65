import { isStorableText } from '@envarium/schema';

const REPLACEMENT = '\uFFFD';

/**
 * The same value with every character replaced that neither PostgreSQL nor UTF-8 has. Names of files and packages come out
 * of images of strangers; a statement about them must not fail for what they are called.
 */
export function storableJson<T>(value: T): T {
  return replaced(value) as T;
}

function replaced(value: unknown): unknown {
  if (typeof value === 'string') return isStorableText(value) ? value : storableText(value);
  if (Array.isArray(value)) return value.map(replaced);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [storableText(key), replaced(member)]));
}

function storableText(text: string): string {
  // Half a surrogate pair has no bytes: Node writes the replacement character for it.
  return Buffer.from(text, 'utf8').toString('utf8').replaceAll('\0', REPLACEMENT);
}

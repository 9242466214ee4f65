import canonicalize from 'canonicalize';

type Canonicalize = (value: unknown) => string | undefined;

/**
 * RFC 8785 bytes of a JSON value: the same value gives the same bytes, and so the same digest, on any machine.
 * `undefined` members are left out, as JSON.stringify does.
 */
export function canonicalJson(value: unknown): Buffer {
  // canonicalize is CommonJS with a default export; its typings describe the ES shape only.
  const text = (canonicalize as unknown as Canonicalize)(value);
  if (text === undefined) throw new TypeError('value has no JSON form');
  return Buffer.from(text, 'utf8');
}

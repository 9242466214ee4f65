/** Bytes of each digest that Subresource Integrity as npm uses it may name. */
const DIGEST_BYTES: ReadonlyMap<string, number> = new Map([
  ['md5', 16],
  ['sha1', 20],
  ['sha256', 32],
  ['sha384', 48],
  ['sha512', 64],
]);

const EXPRESSION = /^([a-z0-9]+)-([A-Za-z0-9+/]+={0,2})(?:\?.*)?$/;

export interface Integrity {
  /** `algorithm:hex` */
  readonly hashes: string[];
  /** expressions that are no digest of a known algorithm and length */
  readonly unreadable: string[];
}

/** Decodes Subresource Integrity metadata, https://www.w3.org/TR/SRI/#the-integrity-attribute */
export function parseIntegrity(integrity: string): Integrity {
  const hashes: string[] = [];
  const unreadable: string[] = [];
  for (const expression of integrity.split(/\s+/)) {
    if (expression === '') continue;
    const [, algorithm = '', base64 = ''] = EXPRESSION.exec(expression) ?? [];
    const digest = Buffer.from(base64, 'base64');
    if (digest.length > 0 && digest.length === DIGEST_BYTES.get(algorithm)) {
      hashes.push(`${algorithm}:${digest.toString('hex')}`);
    } else {
      unreadable.push(expression);
    }
  }
  return { hashes, unreadable };
}

/** Of a known algorithm and its length in hexadecimal digits: other texts, as Go's `h1:`, are no digests of files. */
const DIGITS: ReadonlyMap<string, number> = new Map([
  ['md5', 32],
  ['sha1', 40],
  ['sha256', 64],
  ['sha384', 96],
  ['sha512', 128],
]);

export interface FileHash {
  readonly algorithm: string;
  readonly hex: string;
}

/** The digests of files among `algorithm:hex` texts, in their order, each once. */
export function fileHashes(hashes: readonly string[]): FileHash[] {
  return [...new Set(hashes)].flatMap((hash) => {
    const [algorithm = '', hex = ''] = hash.split(':', 2);
    return DIGITS.get(algorithm) === hex.length && /^[0-9a-f]+$/.test(hex) ? [{ algorithm, hex }] : [];
  });
}

import { createHash } from 'node:crypto';
import { digestAlgorithm, parseDigest, type Digest } from '@envarium/oci';

/** What reading a stored blob showed. `sha512` is the second, independent digest of the content as it was read. */
export type Verification =
  | {
      readonly outcome: 'ok' | 'mismatch' | 'truncated';
      readonly actual: Digest;
      readonly size: number;
      readonly sha512: string;
    }
  | { readonly outcome: 'missing' };

/**
 * Hashes a stored blob once, with both algorithms. Chunks may be views of a buffer that is used again.
 * @param expectedSize size that the blob should have; undefined when nobody knows
 */
export async function verifyContent(
  chunks: AsyncIterable<Uint8Array>,
  digest: Digest,
  expectedSize: number | undefined,
): Promise<Verification> {
  const sha256 = createHash('sha256');
  const sha512 = createHash('sha512');
  let size = 0;
  for await (const chunk of chunks) {
    sha256.update(chunk);
    sha512.update(chunk);
    size += chunk.length;
  }
  const hex = { sha256: sha256.digest('hex'), sha512: sha512.digest('hex') };
  const algorithm = digestAlgorithm(digest);
  const actual = parseDigest(`${algorithm}:${hex[algorithm]}`);
  const found = { actual, size, sha512: hex.sha512 };
  if (actual === digest) return { outcome: 'ok', ...found };
  return { outcome: expectedSize !== undefined && size < expectedSize ? 'truncated' : 'mismatch', ...found };
}

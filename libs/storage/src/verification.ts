import { createHash } from 'node:crypto';
import { digestAlgorithm, parseDigest, type Digest, type DigestAlgorithm } from '@envarium/oci';

/** What reading a stored blob showed. */
export type Verification =
  | {
      readonly outcome: 'ok' | 'mismatch' | 'truncated';
      readonly actual: Digest;
      readonly size: number;
      /** Of the other algorithm, over the content as it was read; null when nobody asked for it. */
      readonly secondDigest: Digest | null;
    }
  | { readonly outcome: 'missing' };

export interface VerifyOptions {
  /** Size that the blob should have, to tell a truncated copy from other damage. */
  readonly size?: number | undefined;
  /** Take the digest of the other algorithm too: three times the work. */
  readonly withSecondDigest?: boolean | undefined;
}

/** Hashes a stored blob in one pass. Chunks may be views of a buffer that is used again. */
export async function verifyContent(
  chunks: AsyncIterable<Uint8Array>,
  digest: Digest,
  { size: expectedSize, withSecondDigest = false }: VerifyOptions,
): Promise<Verification> {
  const algorithm = digestAlgorithm(digest);
  const other: DigestAlgorithm = algorithm === 'sha256' ? 'sha512' : 'sha256';
  const hash = createHash(algorithm);
  const second = withSecondDigest ? createHash(other) : null;
  let size = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    second?.update(chunk);
    size += chunk.length;
  }
  const actual = parseDigest(`${algorithm}:${hash.digest('hex')}`);
  const secondDigest = second && parseDigest(`${other}:${second.digest('hex')}`);
  const found = { actual, size, secondDigest };
  if (actual === digest) return { outcome: 'ok', ...found };
  return { outcome: expectedSize !== undefined && size < expectedSize ? 'truncated' : 'mismatch', ...found };
}

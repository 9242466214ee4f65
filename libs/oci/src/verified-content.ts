import { ArchiveError } from '@envarium/errors';
import { createDigester, digestAlgorithm, type Digest } from './digest.js';

/** What content claims to be; every descriptor is one. */
export interface ContentClaim {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

/**
 * Passes content on and fails at the first byte too many, or at the end when bytes are missing or are other bytes. The last
 * chunk is held back until the digest is known, so that a consumer never holds all of a wrong content.
 * @throws ArchiveError SIZE_INVALID or DIGEST_INVALID, with `expected` and `actual`
 */
export async function* verifyContent(
  content: AsyncIterable<Uint8Array>,
  claim: ContentClaim,
): AsyncGenerator<Uint8Array, void, undefined> {
  const digester = createDigester(digestAlgorithm(claim.digest));
  let held: Uint8Array | undefined;
  for await (const chunk of content) {
    digester.update(chunk);
    if (digester.size > claim.size) throw sizeInvalid(claim, digester.size);
    if (held !== undefined) yield held;
    held = chunk;
  }
  if (digester.size !== claim.size) throw sizeInvalid(claim, digester.size);
  const actual = digester.digest();
  if (actual !== claim.digest) throw new ArchiveError('DIGEST_INVALID', { expected: claim.digest, actual });
  if (held !== undefined) yield held;
}

/** `verifyContent` for content in memory. */
export function verifyBytes(bytes: Uint8Array, claim: ContentClaim): void {
  if (bytes.length !== claim.size) throw sizeInvalid(claim, bytes.length);
  const digester = createDigester(digestAlgorithm(claim.digest));
  digester.update(bytes);
  const actual = digester.digest();
  if (actual !== claim.digest) throw new ArchiveError('DIGEST_INVALID', { expected: claim.digest, actual });
}

function sizeInvalid(claim: ContentClaim, actual: number): ArchiveError {
  return new ArchiveError('SIZE_INVALID', { digest: claim.digest, expected: claim.size, actual });
}

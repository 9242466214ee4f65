import { createHash } from 'node:crypto';
import { ArchiveError } from '@envarium/errors';
import { z } from 'zod';

/**
 * The algorithms we can check. Image-spec registers more; content that we cannot check is content we do not take.
 * https://github.com/opencontainers/image-spec/blob/main/descriptor.md#registered-algorithms
 */
export type DigestAlgorithm = 'sha256' | 'sha512';

/** `algorithm:encoded` of the image specification, lower-case hex. */
export const DigestString = z
  .string()
  .regex(/^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/)
  .brand<'Digest'>()
  .meta({ id: 'Digest', description: 'sha256:<64 hex> or sha512:<128 hex>, lower-case' });
export type Digest = z.infer<typeof DigestString>;

/** The grammar of the specification, wider than what we accept: tells "unsupported" from "malformed". */
const ANY_ALGORITHM = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/;
const SUPPORTED_ALGORITHM = /^sha(?:256|512):/;
const DETAIL_LENGTH = 200;

export function isDigest(value: unknown): value is Digest {
  return DigestString.safeParse(value).success;
}

/** @throws ArchiveError DIGEST_INVALID with `reason: 'malformed' | 'unsupported-algorithm'` */
export function parseDigest(text: string): Digest {
  const result = DigestString.safeParse(text);
  if (result.success) return result.data;
  const reason = ANY_ALGORITHM.test(text) && !SUPPORTED_ALGORITHM.test(text) ? 'unsupported-algorithm' : 'malformed';
  throw new ArchiveError('DIGEST_INVALID', { digest: text.slice(0, DETAIL_LENGTH), reason });
}

export function digestAlgorithm(digest: Digest): DigestAlgorithm {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256';
}

/** The part after the colon: 64 or 128 hex characters. */
export function digestEncoded(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1);
}

export function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): Digest {
  const digester = createDigester(algorithm);
  digester.update(bytes);
  return digester.digest();
}

export interface Digester {
  update(bytes: Uint8Array): void;
  /** Bytes seen so far. */
  readonly size: number;
  /** Ends the digester; call once. */
  digest(): Digest;
}

export function createDigester(algorithm: DigestAlgorithm = 'sha256'): Digester {
  const hash = createHash(algorithm);
  let size = 0;
  return {
    update(bytes) {
      hash.update(bytes);
      size += bytes.length;
    },
    get size() {
      return size;
    },
    digest: () => parseDigest(`${algorithm}:${hash.digest('hex')}`),
  };
}

import { createDigester, digestAlgorithm, type Digester } from '@envarium/oci';
import { ArchiveError } from '@envarium/errors';
import type { ContentExpectation, StoredBlob } from './blob-store.js';

/**
 * Decides whether bytes on their way in are what was announced. Counting and hashing are apart, because a driver must
 * refuse an oversized chunk at once but hashes faster in whole buffers.
 */
export class ContentCheck {
  readonly #expect: ContentExpectation;
  readonly #digester: Digester;
  #admitted = 0;

  constructor(expect: ContentExpectation) {
    this.#expect = expect;
    this.#digester = createDigester(expect.digest === undefined ? 'sha256' : digestAlgorithm(expect.digest));
  }

  /** @throws ArchiveError SIZE_INVALID, BODY_TOO_LARGE as soon as there are more bytes than there may be */
  admit(length: number): void {
    this.#admitted += length;
    const { size, maxSize } = this.#expect;
    if (size !== undefined && this.#admitted > size) {
      throw new ArchiveError('SIZE_INVALID', { expected: size, actual: this.#admitted });
    }
    if (maxSize !== undefined && this.#admitted > maxSize) throw new ArchiveError('BODY_TOO_LARGE', { limit: maxSize });
  }

  update(bytes: Uint8Array): void {
    this.#digester.update(bytes);
  }

  /** Call once, after the last byte. @throws ArchiveError SIZE_INVALID, DIGEST_INVALID */
  conclude(): StoredBlob {
    const { size, digest: expected } = this.#expect;
    if (size !== undefined && this.#admitted !== size) {
      throw new ArchiveError('SIZE_INVALID', { expected: size, actual: this.#admitted });
    }
    const digest = this.#digester.digest();
    if (expected !== undefined && digest !== expected) {
      throw new ArchiveError('DIGEST_INVALID', { expected, actual: digest });
    }
    return { digest, size: this.#admitted };
  }
}

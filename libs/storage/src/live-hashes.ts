import { createHash, type Hash } from 'node:crypto';

const LIMIT = 1000;

/**
 * The running sha256 of uploads that this process has seen from their first byte. Node cannot write the state of a hash
 * down, so after a restart or on another replica the hash is simply not here, and `commit` reads the bytes once.
 */
export class LiveHashes {
  readonly #byUpload = new Map<string, { length: number; hash: Hash }>();

  /** Hands the hash over to whoever appends now; null when it does not stand at exactly `length`. */
  take(id: string, length: number): Hash | null {
    const live = this.#byUpload.get(id);
    this.#byUpload.delete(id);
    if (length === 0) return createHash('sha256');
    return live?.length === length ? live.hash : null;
  }

  /** Returns the hex sha256 of the upload so far; forgets the upload longest untouched when there are too many. */
  keep(id: string, length: number, hash: Hash): string {
    this.#byUpload.set(id, { length, hash });
    for (const oldest of this.#byUpload.keys()) {
      if (this.#byUpload.size <= LIMIT) break;
      this.#byUpload.delete(oldest);
    }
    return hash.copy().digest('hex');
  }

  /** Hex sha256 of an upload of exactly `length` bytes, if it is known. */
  sha256(id: string, length: number): string | null {
    const live = this.#byUpload.get(id);
    return live?.length === length ? live.hash.copy().digest('hex') : null;
  }

  forget(id: string): void {
    this.#byUpload.delete(id);
  }
}

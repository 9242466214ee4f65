import { ArchiveError } from '@envarium/errors';

/** Lets one request at a time write to an upload. Knows this process only; see the contract of StagingArea. */
export class UploadGuard {
  readonly #busy = new Set<string>();

  isBusy(id: string): boolean {
    return this.#busy.has(id);
  }

  /** @throws ArchiveError BLOB_UPLOAD_BUSY */
  async exclusively<T>(id: string, work: () => Promise<T>): Promise<T> {
    if (this.#busy.has(id)) throw new ArchiveError('BLOB_UPLOAD_BUSY', { id });
    this.#busy.add(id);
    try {
      return await work();
    } finally {
      this.#busy.delete(id);
    }
  }
}

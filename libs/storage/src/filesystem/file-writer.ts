import type { FileHandle } from 'node:fs/promises';
import { Batches, BufferPool } from '../batches.js';
import { translateFileError } from './file-errors.js';

const BUFFER_SIZE = 1 << 20;
const BUFFERS_PER_FILE = 4;
const SYNC_EVERY = 64 << 20;

const pool = new BufferPool(BUFFER_SIZE, 32);

/**
 * Writes a stream to a file at a steady pace: large writes, one in flight at a time, and the disk told to sync early and
 * often, so that the last sync has little left to do. Its failures are those of the store (ArchiveError STORE_FULL,
 * STORE_UNAVAILABLE), whatever the source may throw.
 */
export class FileWriter {
  readonly #handle: FileHandle;
  readonly #onBytes: (bytes: Buffer) => void;
  readonly #batches = new Batches(pool, BUFFERS_PER_FILE, (batch) => this.#enqueue(batch));
  #position: number;
  #unsynced = 0;
  #writing: Promise<void> = Promise.resolve();
  #syncing: Promise<void> | null = null;
  #failure: { readonly error: unknown } | null = null;

  /** @param onBytes sees all bytes in order, in large pieces that are only valid during the call; hash here */
  constructor(handle: FileHandle, position: number, onBytes: (bytes: Buffer) => void) {
    this.#handle = handle;
    this.#position = position;
    this.#onBytes = onBytes;
  }

  /** Tells a failure of the file, thrown by `write` or `flush`, from one of the source. */
  get hasFailed(): boolean {
    return this.#failure !== null;
  }

  /** Copies the chunk. The promise says when the next may come; there is none while buffers are free. */
  write(chunk: Uint8Array): Promise<void> | undefined {
    return this.#batches.write(chunk);
  }

  /** Resolves when everything is on the disk. */
  async flush(): Promise<void> {
    const rest = this.#batches.rest();
    if (rest.length > 0) await this.#enqueue(rest);
    await this.#writing;
    await this.#syncing;
    this.#assertHealthy();
    await this.#handle.sync().catch((cause: unknown) => this.#fail(cause));
  }

  /** Must be called in every case, before the file is closed: nothing is in flight afterwards. */
  async release(): Promise<void> {
    await this.#batches.release();
    await this.#syncing;
  }

  #enqueue(batch: Buffer): Promise<void> {
    this.#onBytes(batch);
    const position = this.#position;
    this.#position += batch.length;
    this.#writing = this.#writing
      .then(() => this.#writeAll(batch, position))
      .catch((cause: unknown) => this.#fail(cause));
    return this.#writing;
  }

  async #writeAll(batch: Buffer, position: number): Promise<void> {
    this.#assertHealthy();
    let done = 0;
    while (done < batch.length) {
      const { bytesWritten } = await this.#handle.write(batch, done, batch.length - done, position + done);
      done += bytesWritten;
    }
    this.#unsynced += done;
    if (this.#unsynced < SYNC_EVERY || this.#syncing !== null) return;
    this.#unsynced = 0;
    this.#syncing = this.#syncInBackground();
  }

  /** The kernel reports a failed write-back once only, perhaps to this call: it must not be lost. */
  async #syncInBackground(): Promise<void> {
    try {
      await this.#handle.datasync();
    } catch (cause) {
      this.#failure ??= { error: translateFileError(cause, {}) };
    }
    this.#syncing = null;
  }

  #assertHealthy(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }

  #fail(cause: unknown): never {
    this.#failure ??= { error: translateFileError(cause, {}) };
    throw this.#failure.error;
  }
}

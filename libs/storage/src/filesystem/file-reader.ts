import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { ArchiveError } from '@envarium/errors';
import type { Digest } from '@envarium/oci';
import { BufferPool } from '../batches.js';
import type { BlobReader } from '../blob-store.js';
import { onFileSystem } from './file-errors.js';

/** The size at which one Node process sends fastest; see README.md. */
const BUFFER_SIZE = 1 << 20;
/** The same for content in the memory of the system, read without another thread: a piece that stays near the processor. */
const CACHED_SIZE = 256 << 10;
/** Bytes a millisecond that no waiting for a disk or a network can be behind. */
const MEMORY_PACE = 1 << 20;
const pool = new BufferPool(BUFFER_SIZE, 16);

interface FilePart {
  readonly digest: Digest;
  readonly size: number;
  readonly start: number;
  readonly length: number;
}

export class FileReader implements BlobReader {
  readonly size: number;
  readonly start: number;
  readonly length: number;
  readonly #digest: Digest;
  readonly #handle: FileHandle;
  /** What was read last came from memory, so the next piece is taken to do so too: read at once, and timed again. */
  #isCached = false;
  #closing: Promise<void> | null = null;

  /** Takes over the handle. */
  constructor(handle: FileHandle, part: FilePart) {
    this.#handle = handle;
    this.#digest = part.digest;
    this.size = part.size;
    this.start = part.start;
    this.length = part.length;
  }

  async pipeTo(destination: Writable): Promise<void> {
    const output = new Output(destination);
    // Two buffers: one is read into while the other is on its way to the socket.
    let [reading, writing] = [pool.take(), pool.take()];
    try {
      let sent = 0;
      while (sent < this.length) {
        const bytes = await this.#readTimed(reading, sent);
        sent += bytes.length;
        await output.written;
        output.write(bytes);
        [reading, writing] = [writing, reading];
      }
      await output.end();
      // After a failure a write may still hold one of them.
      pool.give(reading);
      pool.give(writing);
    } catch (error) {
      // Ending instead would make the short content look whole.
      destination.destroy();
      throw error;
    } finally {
      output.release();
      await this.close();
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    try {
      let sent = 0;
      while (sent < this.length) {
        const buffer = Buffer.allocUnsafeSlow(Math.min(BUFFER_SIZE, this.length - sent));
        const bytes = await this.#read(buffer, sent);
        sent += bytes.length;
        yield bytes;
      }
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    this.#closing ??= this.#handle.close();
    await this.#closing;
  }

  async #readTimed(buffer: Buffer, done: number): Promise<Buffer> {
    const started = performance.now();
    const bytes = await this.#read(this.#isCached ? buffer.subarray(0, CACHED_SIZE) : buffer, done);
    this.#isCached = bytes.length >= (performance.now() - started) * MEMORY_PACE;
    return bytes;
  }

  async #read(buffer: Buffer, done: number): Promise<Buffer> {
    const wanted = Math.min(buffer.length, this.length - done);
    const position = this.start + done;
    const bytesRead = await onFileSystem({ digest: this.#digest }, async () =>
      this.#isCached
        ? readSync(this.#handle.fd, buffer, 0, wanted, position)
        : (await this.#handle.read(buffer, 0, wanted, position)).bytesRead,
    );
    if (bytesRead > 0) return buffer.subarray(0, bytesRead);
    throw new ArchiveError('BLOB_CORRUPT', { digest: this.#digest, expected: this.length, actual: done });
  }
}

/** The destination as promises. A response whose client left may never call back, so its end settles the write too. */
class Output {
  written: Promise<void> = Promise.resolve();
  readonly #destination: Writable;
  #isGone: boolean;
  #fail: (error: unknown) => void = () => undefined;

  constructor(destination: Writable) {
    this.#destination = destination;
    this.#isGone = destination.destroyed;
    destination.on('close', this.#onGone).on('error', this.#onGone);
  }

  write(bytes: Buffer): void {
    this.written = this.#settle((done) => this.#destination.write(bytes, done));
    // Awaited one read later; must not count as unhandled until then.
    this.written.catch(() => undefined);
  }

  async end(): Promise<void> {
    await this.written;
    await this.#settle((done) => this.#destination.end(done));
  }

  release(): void {
    this.#destination.off('close', this.#onGone);
    // `destroy` may still report: an error without a listener would end the process.
    this.#destination.on('error', () => undefined).off('error', this.#onGone);
  }

  async #settle(call: (done: (error?: Error | null) => void) => void): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#fail = (cause) => reject(new ArchiveError('CLIENT_CLOSED_REQUEST', {}, { cause }));
      if (this.#isGone) this.#fail(undefined);
      else call((error) => (error ? this.#fail(error) : resolve()));
    });
  }

  readonly #onGone = (error?: unknown): void => {
    this.#isGone = true;
    this.#fail(error);
  };
}

interface Slot {
  readonly buffer: Buffer;
  /** Settles when the buffer may be filled again. */
  idle: Promise<void>;
}

/** Buffers of one size, kept for the next stream. */
export class BufferPool {
  readonly bufferSize: number;
  readonly #limit: number;
  readonly #idle: Buffer[] = [];

  /** @param limit how many idle buffers are kept */
  constructor(bufferSize: number, limit: number) {
    this.bufferSize = bufferSize;
    this.#limit = limit;
  }

  take(): Buffer {
    return this.#idle.pop() ?? Buffer.allocUnsafeSlow(this.bufferSize);
  }

  give(buffer: Buffer): void {
    if (this.#idle.length < this.#limit) this.#idle.push(buffer);
  }
}

/**
 * Gathers small chunks into large batches without garbage. Each chunk is copied at once into one of a few pooled
 * buffers: chunks that wait for the disk or the network grow old, and V8 then runs a full collection for every 40 MiB.
 */
export class Batches {
  readonly #pool: BufferPool;
  readonly #count: number;
  readonly #deliver: (batch: Buffer) => Promise<void>;
  readonly #slots: Slot[] = [];
  #turn = 0;
  #slot: Slot | null = null;
  #filled = 0;

  /**
   * @param count buffers in use at most, one of them being filled
   * @param deliver starts to send a batch away; its bytes are valid until the promise settles. Called in order, and
   *   without waiting for the batch before.
   */
  constructor(pool: BufferPool, count: number, deliver: (batch: Buffer) => Promise<void>) {
    this.#pool = pool;
    this.#count = count;
    this.#deliver = deliver;
  }

  /**
   * Takes a chunk. The promise says when the next may come, or that a batch failed; there is none while buffers are
   * free.
   */
  write(chunk: Uint8Array): Promise<void> | undefined {
    let taken = 0;
    while (taken < chunk.length) {
      const slot = this.#slot ?? this.#unusedSlot();
      if (slot === null) return this.#writeLater(chunk.subarray(taken));
      const length = Math.min(slot.buffer.length - this.#filled, chunk.length - taken);
      slot.buffer.set(length === chunk.length ? chunk : chunk.subarray(taken, taken + length), this.#filled);
      this.#filled += length;
      taken += length;
      if (this.#filled === slot.buffer.length) this.#send(slot);
    }
    return undefined;
  }

  /** The bytes after the last whole batch, valid until `release`. */
  rest(): Buffer {
    return this.#slot === null ? Buffer.alloc(0) : this.#slot.buffer.subarray(0, this.#filled);
  }

  /** Resolves when all batches are delivered, rejects with the first failure. */
  async settle(): Promise<void> {
    for (const { idle } of this.#slots) await idle;
  }

  /** Must be called in every case: nothing is in flight afterwards. */
  async release(): Promise<void> {
    await Promise.allSettled(this.#slots.map(({ idle }) => idle));
    for (const { buffer } of this.#slots) this.#pool.give(buffer);
    this.#slots.length = 0;
    this.#slot = null;
    this.#filled = 0;
  }

  #unusedSlot(): Slot | null {
    if (this.#slots.length === this.#count) return null;
    this.#slot = { buffer: this.#pool.take(), idle: Promise.resolve() };
    this.#slots.push(this.#slot);
    return this.#slot;
  }

  async #writeLater(chunk: Uint8Array): Promise<void> {
    const oldest = this.#slots[this.#turn % this.#count] ?? null;
    await oldest?.idle;
    this.#turn += 1;
    this.#slot = oldest;
    await this.write(chunk);
  }

  #send(slot: Slot): void {
    slot.idle = this.#deliver(slot.buffer.subarray(0, this.#filled));
    // Awaited later, by whoever needs the buffer next; must not count as unhandled until then.
    slot.idle.catch(() => undefined);
    this.#slot = null;
    this.#filled = 0;
  }
}

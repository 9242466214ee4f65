interface Part {
  readonly from: number;
  readonly bytes: Buffer;
  /** Bytes from the front that have come. */
  filled: number;
}

/**
 * Parts of a file that passes by once and is not held: what shall be kept is said as soon as it is known, and what passed
 * before is gone.
 */
export class PassingBytes {
  readonly #parts: Part[] = [];
  #chunk: Uint8Array = new Uint8Array(0);
  #position = 0;

  /** @param left bytes that may be kept */
  constructor(private left: number) {}

  /** @returns false: it has passed, or it is more than may be kept */
  keep(from: number, length: number): boolean {
    if (!Number.isSafeInteger(from + length) || length > this.left) return false;
    this.left -= length;
    const part: Part = { from, bytes: Buffer.alloc(length), filled: 0 };
    const passed = Math.min(length, this.#position - from);
    while (part.filled < passed) {
      const known = this.#knownAt(from + part.filled);
      if (known === null) return false;
      part.filled += known.copy(part.bytes, part.filled);
    }
    this.#parts.push(part);
    return true;
  }

  push(chunk: Uint8Array): void {
    this.#chunk = chunk;
    const start = this.#position;
    this.#position += chunk.length;
    for (const part of this.#parts) {
      const next = part.from + part.filled - start;
      if (part.filled === part.bytes.length || next >= chunk.length) continue;
      part.filled += viewOf(chunk).copy(part.bytes, part.filled, next);
    }
  }

  /** @returns null: not all of it was kept, or has come */
  read(from: number, length: number): Buffer | null {
    for (const part of this.#parts) {
      const at = from - part.from;
      if (at >= 0 && at + length <= part.filled) return part.bytes.subarray(at, at + length);
    }
    return null;
  }

  #knownAt(offset: number): Buffer | null {
    for (const { from, bytes, filled } of this.#parts) {
      if (offset >= from && offset < from + filled) return bytes.subarray(offset - from, filled);
    }
    const inChunk = offset - (this.#position - this.#chunk.length);
    return inChunk >= 0 && inChunk < this.#chunk.length ? viewOf(this.#chunk).subarray(inChunk) : null;
  }
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

/** Bounded cache of immutable bytes by digest; the least recently used go first. */
export class ByteCache {
  private readonly entries = new Map<string, Buffer>();
  private size = 0;

  constructor(private readonly capacity: number) {}

  get(key: string): Buffer | undefined {
    const found = this.entries.get(key);
    if (found === undefined) return undefined;
    // A Map keeps insertion order: taking out and putting back makes it the newest.
    this.entries.delete(key);
    this.entries.set(key, found);
    return found;
  }

  set(key: string, bytes: Buffer): void {
    if (bytes.length > this.capacity / 8 || this.entries.has(key)) return;
    this.entries.set(key, bytes);
    this.size += bytes.length;
    for (const [oldest, value] of this.entries) {
      if (this.size <= this.capacity) break;
      this.entries.delete(oldest);
      this.size -= value.length;
    }
  }
}

/** What one closure may hold. */
export interface RecordLimits {
  readonly exchanges: number;
  /** Of all bodies, each counted once. */
  readonly bytes: number;
  readonly bodyBytes: number;
  /** For one answer, from the request to its last byte. */
  readonly requestMs: number;
}

const GIB = 1 << 30;
export const RECORD_LIMITS: RecordLimits = {
  exchanges: 10_000,
  bytes: 20 * GIB,
  bodyBytes: 5 * GIB,
  requestMs: 30 * 60_000,
};

/** A closure that would be larger than it may be. Not an error of the archive: the recipe fetches too much. */
export interface Excess {
  readonly limit: 'exchanges' | 'bytes' | 'bodyBytes';
  readonly allowed: number;
  readonly url: string;
}

/** Counts what is kept and what is under way against the limits. */
export class Allowance {
  private kept = 0;
  private underWay = 0;
  private readonly digests = new Set<string>();
  /** The first limit that was met. */
  excess: Excess | null = null;

  constructor(private readonly limits: RecordLimits) {}

  get contentSize(): number {
    return this.kept;
  }

  /** @returns false when there is room for no further exchange */
  admits(exchanges: number, url: string): boolean {
    if (exchanges < this.limits.exchanges) return true;
    this.excess ??= { limit: 'exchanges', allowed: this.limits.exchanges, url };
    return false;
  }

  /** For one body. @returns takes the size of each chunk, and gives false when it is one too many */
  meter(url: string): { take(size: number): boolean; end(): number } {
    let size = 0;
    return {
      take: (length) => {
        size += length;
        this.underWay += length;
        if (size > this.limits.bodyBytes) this.excess ??= { limit: 'bodyBytes', allowed: this.limits.bodyBytes, url };
        else if (this.kept + this.underWay > this.limits.bytes)
          this.excess ??= { limit: 'bytes', allowed: this.limits.bytes, url };
        return size <= this.limits.bodyBytes && this.kept + this.underWay <= this.limits.bytes;
      },
      end: () => {
        this.underWay -= size;
        return size;
      },
    };
  }

  keep(digest: string, size: number): void {
    if (this.digests.has(digest)) return;
    this.digests.add(digest);
    this.kept += size;
  }
}

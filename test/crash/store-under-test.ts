/** How bytes are damaged behind the back of a service. */
export type Damage = 'flip' | 'truncate' | 'delete';

/** The object store of a service under test, as somebody with access to its disk sees it. */
export interface StoreUnderTest {
  readonly kind: 'filesystem' | 's3';
  /** What tells a server to use it. */
  readonly variables: Readonly<Record<string, string>>;
  /** Keys below `staging/`: what uploads have left. */
  staged(): Promise<string[]>;
  /** Multipart uploads that were begun and never ended, by key. */
  unfinished(): Promise<string[]>;
  /**
   * Makes everything in staging, and the blobs named here, two days old.
   * @returns false where the store does not let itself be told so
   */
  age(blobDigests: readonly string[]): Promise<boolean>;
  damage(digest: string, damage: Damage): Promise<void>;
  stop(): Promise<void>;
}

export const TWO_DAYS_MS = 2 * 24 * 60 * 60 * 1000;

/** As the store lays blobs out: `blobs/sha256/ab/abcd...`. */
export function keyOfBlob(digest: string): string {
  const [algorithm = '', encoded = ''] = digest.split(':');
  return `blobs/${algorithm}/${encoded.slice(0, 2)}/${encoded}`;
}

/** One byte is another one, or the end is missing. */
export function damaged(bytes: Buffer, damage: 'flip' | 'truncate'): Buffer {
  const at = Math.floor(Math.random() * bytes.length);
  if (damage === 'truncate') return bytes.subarray(0, at);
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ (1 << Math.floor(Math.random() * 8));
  return copy;
}

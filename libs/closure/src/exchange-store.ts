/** Where the bodies of exchanges are. The caller gives it: the blobs of the archive, or a directory. */
export interface ExchangeStore {
  /**
   * Takes a body in; what `content` throws passes through, and then nothing is kept.
   * @param digest what `content` is known to be: a damaged copy of it is replaced
   */
  put(content: AsyncIterable<Uint8Array>, digest?: string): Promise<{ readonly digest: string; readonly size: number }>;
  /** Fails, when it is read, as BLOB_UNKNOWN where there is no such body. Need not be verified: the reader does that. */
  open(digest: string): AsyncIterable<Uint8Array>;
  has(digest: string): Promise<boolean>;
}

import type { Digest } from '@envarium/oci';

/*
 * Where the bytes of a blob can be had without us. A store offers what it can, and may offer none; whoever wants to send
 * clients away asks for it and falls back to `open`.
 */

/** The store can be asked by clients themselves. */
export interface BlobUrls {
  /**
   * A URL that whoever has it can GET for `seconds`; the answer has this content type. Does not ask the store: whether the
   * blob is there is for `stat` to say.
   */
  presign(digest: Digest, options: { readonly seconds: number; readonly contentType: string }): Promise<string>;
}

/** The store is files that a program on this machine can read. */
export interface BlobFiles {
  /** Path of the file below the `blobs` directory of the store, as in `sha256/ab/abcd...`. */
  pathOf(digest: Digest): string;
}

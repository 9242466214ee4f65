import type { Digest } from '@envarium/oci';

/** A layer as the image manifest describes it. */
export interface LayerInput {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
  /** The blob, unchecked: its digest and size are checked while it is read. */
  open(): AsyncIterable<Uint8Array>;
}

export interface ImageInput {
  readonly manifestDigest: Digest;
  /** The config blob. Whoever read it has checked it against the image manifest. */
  readonly config: Uint8Array;
  /** From the base up. */
  readonly layers: readonly LayerInput[];
}

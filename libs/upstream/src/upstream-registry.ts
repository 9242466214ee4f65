import type { Descriptor, Digest, Tag } from '@envarium/oci';

export interface UpstreamManifest {
  /** Of exactly these bytes, computed here. */
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

export interface UpstreamReferrer {
  readonly descriptor: Descriptor;
  /** The tag under which clients look for it: signatures from before there were referrers. Null: its `subject` says it. */
  readonly tag: Tag | null;
}

/** Image manifests of one repository of another registry. */
export interface ManifestSource {
  /**
   * What a tag or digest names now.
   * @throws ArchiveError UPSTREAM_UNKNOWN, UPSTREAM_DENIED, UPSTREAM_UNAVAILABLE, UPSTREAM_INVALID, OUTBOUND_REFUSED
   */
  resolve(reference: Tag | Digest, signal: AbortSignal): Promise<{ digest: Digest; mediaType: string; size: number }>;

  /** @throws ArchiveError as `resolve`; DIGEST_INVALID when the bytes are others, MANIFEST_TOO_LARGE */
  manifest(digest: Digest, signal: AbortSignal): Promise<UpstreamManifest>;
}

/** One repository of another registry, to read. */
export interface UpstreamRegistry extends ManifestSource {
  /**
   * Bytes of a blob from an offset to its end, resumed where the connection broke off. Never more than announced, but they
   * are not proven: whoever reads them checks digest and size.
   * @throws ArchiveError as `resolve`
   */
  blob(
    blob: { readonly digest: Digest; readonly size: number },
    from: number,
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array>;

  /** All tags, page by page. */
  tags(signal: AbortSignal): AsyncIterable<string>;

  /** Everything that refers to a manifest: by the referrers API, else by its fallback tag; and signatures by their tags. */
  referrers(digest: Digest, signal: AbortSignal): AsyncIterable<UpstreamReferrer>;
}

export interface UpstreamCredentials {
  readonly username: string;
  readonly password: string;
}

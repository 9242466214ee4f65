import { digestAlgorithm, digestEncoded, type Digest } from './digest.js';

/** Path of a blob in an image layout. https://github.com/opencontainers/image-spec/blob/main/image-layout.md#blobs */
export function blobPath(digest: Digest): string {
  return `blobs/${digestAlgorithm(digest)}/${digestEncoded(digest)}`;
}

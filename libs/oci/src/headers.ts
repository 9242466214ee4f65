/**
 * Headers of the distribution specification that HTTP itself does not define.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
export const HEADER_CONTENT_DIGEST = 'Docker-Content-Digest';

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests-with-subject */
export const HEADER_SUBJECT = 'OCI-Subject';

/** One header line for each `?tag=` of a manifest PUT. */
export const HEADER_TAG = 'OCI-Tag';

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers */
export const HEADER_FILTERS_APPLIED = 'OCI-Filters-Applied';

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-a-blob-in-chunks */
export const HEADER_CHUNK_MIN_LENGTH = 'OCI-Chunk-Min-Length';

/** Answer to `?ns=` of a pull through a mirror. */
export const HEADER_NAMESPACE = 'OCI-Namespace';

/** Older clients look for it. https://distribution.github.io/distribution/spec/api/#blob-upload */
export const HEADER_UPLOAD_UUID = 'Docker-Upload-UUID';

/** Older clients take a server without it for a version 1 registry. */
export const HEADER_API_VERSION = 'Docker-Distribution-Api-Version';
export const API_VERSION = 'registry/2.0';

/**
 * Pre-defined annotation keys.
 * https://github.com/opencontainers/image-spec/blob/main/annotations.md#pre-defined-annotation-keys
 */
export const ANNOTATION_CREATED = 'org.opencontainers.image.created';
export const ANNOTATION_AUTHORS = 'org.opencontainers.image.authors';
export const ANNOTATION_URL = 'org.opencontainers.image.url';
export const ANNOTATION_DOCUMENTATION = 'org.opencontainers.image.documentation';
export const ANNOTATION_SOURCE = 'org.opencontainers.image.source';
export const ANNOTATION_VERSION = 'org.opencontainers.image.version';
export const ANNOTATION_REVISION = 'org.opencontainers.image.revision';
export const ANNOTATION_VENDOR = 'org.opencontainers.image.vendor';
export const ANNOTATION_LICENSES = 'org.opencontainers.image.licenses';
export const ANNOTATION_TITLE = 'org.opencontainers.image.title';
export const ANNOTATION_DESCRIPTION = 'org.opencontainers.image.description';
export const ANNOTATION_BASE_DIGEST = 'org.opencontainers.image.base.digest';
export const ANNOTATION_BASE_NAME = 'org.opencontainers.image.base.name';

/** In `index.json` of an image layout: the tag. https://github.com/opencontainers/image-spec/blob/main/annotations.md */
export const ANNOTATION_REF_NAME = 'org.opencontainers.image.ref.name';

/**
 * In `index.json` written by `docker save` and `ctr export`: the full reference, where ref.name is only the tag.
 * https://github.com/containerd/containerd/blob/main/core/images/annotations.go
 */
export const ANNOTATION_CONTAINERD_IMAGE_NAME = 'io.containerd.image.name';

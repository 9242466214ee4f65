/**
 * OCI image-spec media types.
 * https://github.com/opencontainers/image-spec/blob/main/media-types.md
 */
export const OCI_IMAGE_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_IMAGE_INDEX = 'application/vnd.oci.image.index.v1+json';
export const OCI_IMAGE_CONFIG = 'application/vnd.oci.image.config.v1+json';
export const OCI_LAYER_TAR = 'application/vnd.oci.image.layer.v1.tar';
export const OCI_LAYER_TAR_GZIP = 'application/vnd.oci.image.layer.v1.tar+gzip';
export const OCI_LAYER_TAR_ZSTD = 'application/vnd.oci.image.layer.v1.tar+zstd';
/** Prefix of `.tar`, `.tar+gzip` and `.tar+zstd`, deprecated, still found in images of Windows and of vendors. */
const OCI_LAYER_NONDISTRIBUTABLE = 'application/vnd.oci.image.layer.nondistributable.v1.tar';
/** https://github.com/opencontainers/image-spec/blob/main/manifest.md#guidance-for-an-empty-descriptor */
export const OCI_EMPTY = 'application/vnd.oci.empty.v1+json';

/**
 * Docker image manifest version 2, schema 2.
 * https://distribution.github.io/distribution/spec/manifest-v2-2/#media-types
 */
export const DOCKER_IMAGE_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
export const DOCKER_MANIFEST_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
export const DOCKER_IMAGE_CONFIG = 'application/vnd.docker.container.image.v1+json';
export const DOCKER_LAYER_TAR = 'application/vnd.docker.image.rootfs.diff.tar';
export const DOCKER_LAYER_TAR_GZIP = 'application/vnd.docker.image.rootfs.diff.tar.gzip';
const DOCKER_LAYER_FOREIGN = 'application/vnd.docker.image.rootfs.foreign.diff.tar';

/** Schema 1 has no digest of its own that survives signing; it is recognised to be refused. */
export const DOCKER_SCHEMA1_MANIFEST = 'application/vnd.docker.distribution.manifest.v1+json';
export const DOCKER_SCHEMA1_SIGNED_MANIFEST = 'application/vnd.docker.distribution.manifest.v1+prettyjws';

/** Ours: docs of the architecture, section "Where the truth lives". */
export const RECORD_ARTIFACT_TYPE = 'application/vnd.envarium.record.v1+json';
export const ENVIRONMENT_MANIFEST_TYPE = 'application/vnd.envarium.environment-manifest.v1+json';
export const HARDWARE_FINGERPRINT_TYPE = 'application/vnd.envarium.hardware-fingerprint.v1+json';
export const PACKAGE_FILE_TYPE = 'application/vnd.envarium.package-file.v1';
export const LINK_ARTIFACT_TYPE = 'application/vnd.envarium.link.v1+json';
/** Config and layer types of the artifacts that say how an environment was rebuilt. */
export const RECIPE_ARTIFACT_TYPE = 'application/vnd.envarium.recipe.v1+json';
export const DOCKERFILE_TYPE = 'application/vnd.envarium.dockerfile.v1';
export const BUILD_CONTEXT_TYPE = 'application/vnd.envarium.build-context.v1.tar';
export const CLOSURE_ARTIFACT_TYPE = 'application/vnd.envarium.closure.v1+json';
export const CLOSURE_CONTENT_TYPE = 'application/vnd.envarium.closure.content.v1';
export const EXCHANGES_TYPE = 'application/vnd.envarium.exchanges.v1+jsonl';
export const CLOSURE_PACKAGES_TYPE = 'application/vnd.envarium.packages.v1+jsonl';
export const FILE_LIST_ARTIFACT_TYPE = 'application/vnd.envarium.files.v1+json';
export const FILE_LIST_TYPE = 'application/vnd.envarium.files.v1+jsonl+gzip';
export const RECEIPT_ARTIFACT_TYPE = 'application/vnd.envarium.receipt.v1+json';
export const JOB_LOG_TYPE = 'application/vnd.envarium.log.v1+jsonl';
/** https://github.com/secure-systems-lab/dsse/blob/master/envelope.md */
export const DSSE_ENVELOPE_TYPE = 'application/vnd.dsse.envelope.v1+json';

const IMAGE_MANIFEST_TYPES = [OCI_IMAGE_MANIFEST, DOCKER_IMAGE_MANIFEST] as const;
const IMAGE_INDEX_TYPES = [OCI_IMAGE_INDEX, DOCKER_MANIFEST_LIST] as const;

/** Everything that `/v2/<name>/manifests/` takes and gives. */
export const MANIFEST_MEDIA_TYPES = [...IMAGE_MANIFEST_TYPES, ...IMAGE_INDEX_TYPES] as const;
export type ManifestMediaType = (typeof MANIFEST_MEDIA_TYPES)[number];

export function isManifestMediaType(mediaType: string): mediaType is ManifestMediaType {
  return isImageManifestType(mediaType) || isImageIndexType(mediaType);
}

export function isImageManifestType(mediaType: string): mediaType is (typeof IMAGE_MANIFEST_TYPES)[number] {
  return IMAGE_MANIFEST_TYPES.some((type) => type === mediaType);
}

export function isImageIndexType(mediaType: string): mediaType is (typeof IMAGE_INDEX_TYPES)[number] {
  return IMAGE_INDEX_TYPES.some((type) => type === mediaType);
}

/** What a container can be made of; artifacts have configs of other types. */
export function isImageConfigType(mediaType: string): boolean {
  return mediaType === OCI_IMAGE_CONFIG || mediaType === DOCKER_IMAGE_CONFIG;
}

export function isSchema1Type(mediaType: string): boolean {
  return mediaType === DOCKER_SCHEMA1_MANIFEST || mediaType === DOCKER_SCHEMA1_SIGNED_MANIFEST;
}

/** Layers that a registry must not demand: their licence forbids to push them. */
export function isNonDistributableType(mediaType: string): boolean {
  return mediaType.startsWith(OCI_LAYER_NONDISTRIBUTABLE) || mediaType.startsWith(DOCKER_LAYER_FOREIGN);
}

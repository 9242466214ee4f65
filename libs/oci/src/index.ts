export {
  createDigester,
  digestAlgorithm,
  digestEncoded,
  digestOf,
  DigestString,
  isDigest,
  parseDigest,
  type Digest,
  type DigestAlgorithm,
  type Digester,
} from './digest.js';
export {
  formatReference,
  type ImageReference,
  isTag,
  parseReference,
  parseRepositoryName,
  parseTag,
  referrersTag,
  RepositoryName,
  Tag,
} from './reference.js';
export {
  BUILD_CONTEXT_TYPE,
  CLOSURE_ARTIFACT_TYPE,
  CLOSURE_CONTENT_TYPE,
  CLOSURE_PACKAGES_TYPE,
  DOCKER_IMAGE_CONFIG,
  DOCKER_IMAGE_MANIFEST,
  DOCKER_LAYER_TAR,
  DOCKER_LAYER_TAR_GZIP,
  DOCKER_MANIFEST_LIST,
  DOCKER_SCHEMA1_MANIFEST,
  DOCKER_SCHEMA1_SIGNED_MANIFEST,
  DOCKERFILE_TYPE,
  DSSE_ENVELOPE_TYPE,
  ENVIRONMENT_MANIFEST_TYPE,
  EXCHANGES_TYPE,
  FILE_LIST_ARTIFACT_TYPE,
  FILE_LIST_TYPE,
  HARDWARE_FINGERPRINT_TYPE,
  isImageConfigType,
  isImageIndexType,
  isImageManifestType,
  isManifestMediaType,
  isNonDistributableType,
  isSchema1Type,
  JOB_LOG_TYPE,
  LINK_ARTIFACT_TYPE,
  MANIFEST_MEDIA_TYPES,
  OCI_EMPTY,
  OCI_IMAGE_CONFIG,
  OCI_IMAGE_INDEX,
  OCI_IMAGE_MANIFEST,
  OCI_LAYER_TAR,
  OCI_LAYER_TAR_GZIP,
  OCI_LAYER_TAR_ZSTD,
  PACKAGE_FILE_TYPE,
  RECEIPT_ARTIFACT_TYPE,
  RECIPE_ARTIFACT_TYPE,
  RECORD_ARTIFACT_TYPE,
  type ManifestMediaType,
} from './media-types.js';
export {
  ANNOTATION_AUTHORS,
  ANNOTATION_BASE_DIGEST,
  ANNOTATION_BASE_NAME,
  ANNOTATION_CONTAINERD_IMAGE_NAME,
  ANNOTATION_CREATED,
  ANNOTATION_DESCRIPTION,
  ANNOTATION_DOCUMENTATION,
  ANNOTATION_LICENSES,
  ANNOTATION_REF_NAME,
  ANNOTATION_REVISION,
  ANNOTATION_SOURCE,
  ANNOTATION_TITLE,
  ANNOTATION_URL,
  ANNOTATION_VENDOR,
  ANNOTATION_VERSION,
} from './annotations.js';
export {
  API_VERSION,
  HEADER_API_VERSION,
  HEADER_CHUNK_MIN_LENGTH,
  HEADER_CONTENT_DIGEST,
  HEADER_FILTERS_APPLIED,
  HEADER_NAMESPACE,
  HEADER_SUBJECT,
  HEADER_TAG,
  HEADER_UPLOAD_UUID,
} from './headers.js';
export { Annotations, Descriptor, EMPTY_BYTES, EMPTY_DESCRIPTOR, Platform } from './descriptor.js';
export { ImageIndex, ImageManifest } from './manifest-schema.js';
export {
  MANIFEST_MAX_SIZE,
  parseManifest,
  referrerArtifactType,
  type ManifestReference,
  type ParsedManifest,
} from './manifest.js';
export { ContainerConfig, ImageConfig, parseImageConfig } from './image-config.js';
export { bytesSource, readAll, sliceSource, streamSource, type RandomAccessSource } from './random-access.js';
export { verifyBytes, verifyContent, type ContentClaim } from './verified-content.js';
export { type PaxRecords } from './pax.js';
export { type TarEntry, type TarEntryType } from './tar-entry.js';
export { isUnsafePath, normalizeTarPath } from './tar-path.js';
export { TAR_LIMITS, type TarLimits } from './tar-walk.js';
export { readTar, type TarMember } from './tar-reader.js';
export { indexTar, type TarIndex, type TarLocation } from './tar-index.js';
export { tarEntries, tarLength, type TarBody, type TarInput, type TarInputHeader } from './tar-writer.js';
export { tarRange, type TarRange } from './tar-range.js';
export {
  encodeLayoutIndex,
  layOutImageArchive,
  OCI_LAYOUT,
  type ArchivedManifest,
  type ContentDescriptor,
  type ImageArchive,
  type ImageArchiveInput,
  type ImageName,
} from './image-archive.js';
export { formatPlatform, parsePlatform, selectPlatform, type PlatformCandidate } from './platform.js';
export { encodeImageManifest, type EncodedManifest, type ImageManifestInput } from './manifest-writer.js';
export {
  buildImage,
  buildLayer,
  ociArchiveEntries,
  type BuiltBlob,
  type BuiltImage,
  type BuiltLayer,
  type ImageInput,
} from './build-image.js';
export { gzip } from './gzip.js';
export { blobPath } from './blob-path.js';
export { type FileTree } from './archive/file-tree.js';
export { type ImageSelection, type ImageSource, type SourceManifest } from './archive/image-source.js';
export { openOciArchive, openOciLayout } from './archive/oci-layout.js';
export { openDockerArchive } from './archive/docker-archive.js';
export { openDirImage } from './archive/dir-image.js';
export { selectSourceImage } from './archive/platform-image.js';
export { detectCompression, type Compression } from './archive/compression.js';

import { ANNOTATION_CONTAINERD_IMAGE_NAME, ANNOTATION_REF_NAME, type SourceManifest } from '@envarium/oci';

/** https://github.com/opencontainers/image-spec/blob/main/image-layout.md#oci-layout-file */
export const OCI_LAYOUT = JSON.stringify({ imageLayoutVersion: '1.0.0' });

/** Names under which tools find the image: the tag alone, and in full. */
export interface LayoutName {
  readonly repository: string;
  readonly tag: string;
}

/** https://github.com/opencontainers/image-spec/blob/main/image-layout.md#indexjson-file */
export function layoutIndex(root: SourceManifest, name: LayoutName): string {
  const { mediaType, digest, bytes } = root;
  const annotations = {
    [ANNOTATION_CONTAINERD_IMAGE_NAME]: `${name.repository}:${name.tag}`,
    [ANNOTATION_REF_NAME]: name.tag,
  };
  return JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType, digest, size: bytes.length, annotations }] });
}

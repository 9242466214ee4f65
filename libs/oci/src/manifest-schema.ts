import { z } from 'zod';
import { Annotations, Descriptor, MediaTypeString } from './descriptor.js';

/**
 * The fields we read. Loose, because the bytes are what is archived: unknown fields stay in them and are never rewritten.
 * One shape serves OCI and Docker schema 2, which differ in their media types only.
 */

/** https://github.com/opencontainers/image-spec/blob/main/manifest.md#image-manifest-property-descriptions */
export const ImageManifest = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: MediaTypeString.optional(),
  artifactType: MediaTypeString.optional(),
  config: Descriptor,
  layers: z.array(Descriptor).nullable(),
  subject: Descriptor.nullish(),
  annotations: Annotations.nullish(),
});
export type ImageManifest = z.infer<typeof ImageManifest>;

/** https://github.com/opencontainers/image-spec/blob/main/image-index.md#image-index-property-descriptions */
export const ImageIndex = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: MediaTypeString.optional(),
  artifactType: MediaTypeString.optional(),
  manifests: z.array(Descriptor).nullable(),
  subject: Descriptor.nullish(),
  annotations: Annotations.nullish(),
});
export type ImageIndex = z.infer<typeof ImageIndex>;

/** What decides which of the two it is. */
export const ManifestHead = z.looseObject({
  schemaVersion: z.number(),
  mediaType: z.string().optional(),
});
export type ManifestHead = z.infer<typeof ManifestHead>;

/** Fields that Go readers find whatever their case is: `Layers` beside `layers` would be a second list to them. */
export const MANIFEST_FIELDS: readonly string[] = [
  'schemaVersion',
  'mediaType',
  'artifactType',
  'config',
  'layers',
  'manifests',
  'subject',
  'annotations',
  'fsLayers',
];
export const DESCRIPTOR_FIELDS: readonly string[] = ['mediaType', 'digest', 'size', 'urls', 'data', 'artifactType'];

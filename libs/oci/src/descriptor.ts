import { z } from 'zod';
import { digestOf, DigestString } from './digest.js';
import { OCI_EMPTY } from './media-types.js';

/**
 * Printable ASCII: descriptors come back as `Content-Type`, so a line break in one would be a header of its own. RFC 6838
 * is narrower, but clients store parameters ("text/plain; charset=utf-8") in descriptors.
 */
export const MediaTypeString = z
  .string()
  .max(255)
  .regex(/^[\x21-\x7e][\x20-\x7e]*$/);

export const Annotations = z.record(z.string(), z.string());

/** https://github.com/opencontainers/image-spec/blob/main/image-index.md#image-index-property-descriptions */
export const Platform = z.looseObject({
  architecture: z.string(),
  os: z.string(),
  variant: z.string().optional(),
  'os.version': z.string().optional(),
  'os.features': z.array(z.string()).nullish(),
});
export type Platform = z.infer<typeof Platform>;

/**
 * https://github.com/opencontainers/image-spec/blob/main/descriptor.md#properties
 * Loose: what we do not know is carried along. Writers in Go say `null` for an empty list or map.
 */
export const Descriptor = z.looseObject({
  mediaType: MediaTypeString,
  digest: DigestString,
  size: z.int().nonnegative().describe('bytes'),
  urls: z.array(z.string()).nullish(),
  annotations: Annotations.nullish(),
  data: z.base64().optional().describe('the content itself, for small content'),
  artifactType: MediaTypeString.optional(),
  platform: Platform.optional(),
});
export type Descriptor = z.infer<typeof Descriptor>;

/** https://github.com/opencontainers/image-spec/blob/main/manifest.md#guidance-for-an-empty-descriptor */
export const EMPTY_BYTES: Uint8Array = new TextEncoder().encode('{}');
export const EMPTY_DESCRIPTOR: Descriptor = { mediaType: OCI_EMPTY, digest: digestOf(EMPTY_BYTES), size: 2 };

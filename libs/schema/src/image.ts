import { z } from 'zod';

export const ImageKind = z
  .enum(['image', 'index'])
  .describe('image: for one platform; index: names an image for each of several')
  .meta({ id: 'ImageKind' });
export type ImageKind = z.infer<typeof ImageKind>;

/** https://github.com/opencontainers/image-spec/blob/main/image-index.md#image-index-property-descriptions */
export const ImagePlatform = z
  .object({
    architecture: z.string().describe('Go spelling: amd64, arm64, ...'),
    os: z.string(),
    variant: z.string().nullable(),
  })
  .meta({ id: 'ImagePlatform' });
export type ImagePlatform = z.infer<typeof ImagePlatform>;

/** An OCI content descriptor. */
export const ImageContent = z
  .object({
    mediaType: z.string(),
    digest: z.string(),
    size: z.number().int().describe('bytes'),
    platform: ImagePlatform.nullable().describe('only of an image in an index, where the index says it'),
  })
  .meta({ id: 'ImageContent' });
export type ImageContent = z.infer<typeof ImageContent>;

/** What an archived image manifest or image index says. */
export const ImageDescription = z
  .object({
    digest: z.string(),
    mediaType: z.string(),
    kind: ImageKind,
    size: z.number().int().describe('bytes of the image manifest itself'),
    config: ImageContent.nullable().describe('null for an index'),
    layers: z.array(ImageContent).describe('from the base upwards; empty for an index'),
    manifests: z.array(ImageContent).describe('images of an index; empty for an image'),
  })
  .meta({ id: 'Image' });
export type ImageDescription = z.infer<typeof ImageDescription>;

import type { Prisma } from '@envarium/database';
import type { ImageContent, ImageDescription, ImagePlatform } from '@envarium/schema';
import { z } from 'zod';

export const imageSelect = {
  digest: true,
  mediaType: true,
  kind: true,
  blob: { select: { size: true } },
  references: {
    where: { kind: { not: 'subject' } },
    orderBy: { position: 'asc' },
    select: { kind: true, digest: true, mediaType: true, size: true, platform: true },
  },
} as const satisfies Prisma.ImageManifestSelect;
type ImageRow = Prisma.ImageManifestGetPayload<{ select: typeof imageSelect }>;

export function presentImage(row: ImageRow): ImageDescription {
  const of = (kind: 'config' | 'layer' | 'child'): ImageContent[] =>
    row.references.filter((reference) => reference.kind === kind).map(presentContent);
  return {
    digest: row.digest,
    mediaType: row.mediaType,
    kind: row.kind,
    size: Number(row.blob.size),
    config: of('config')[0] ?? null,
    layers: of('layer'),
    manifests: of('child'),
  };
}

function presentContent(reference: ImageRow['references'][number]): ImageContent {
  return {
    mediaType: reference.mediaType,
    digest: reference.digest,
    size: Number(reference.size),
    platform: presentPlatform(reference.platform),
  };
}

const Platform = z.object({ architecture: z.string(), os: z.string(), variant: z.string().nullish() });

/** Null also for a platform that its makers wrote in a shape of their own. */
function presentPlatform(platform: unknown): ImagePlatform | null {
  const { data } = Platform.safeParse(platform);
  return data === undefined ? null : { architecture: data.architecture, os: data.os, variant: data.variant ?? null };
}

import { Injectable } from '@nestjs/common';
import { PrismaService } from '@envarium/database';
import { FileListDocument, ImageDemands } from '@envarium/schema';
import { z } from 'zod';

/** What is known of one image: its environment manifest, or why there is none. */
export interface ImageEnvironment {
  readonly image: string;
  /** As the index says it, or null: the version names the image itself. */
  readonly platform: string | null;
  /** null: not read. */
  readonly environmentDigest: string | null;
  readonly packageCount: number;
  /** Null: not read, or by a release that did not look. */
  readonly demands: ImageDemands | null;
  /** Why it cannot be read; null: it was read, or nobody has come to it yet. */
  readonly failure: string | null;
}

const Read = FileListDocument.pick({ environment: true, demands: true });

const Rows = z.array(
  z.object({
    asked: z.string(),
    image: z.string(),
    platform: z.object({ os: z.string(), architecture: z.string(), variant: z.string().optional() }).nullable(),
    environment: z.string().nullable(),
    package_count: z.number().nullable(),
    demands: ImageDemands.nullable(),
    failure: z.object({ code: z.string(), reason: z.string().nullable() }).nullable(),
  }),
);

/**
 * The environments of images, which the resolver reads and the artifacts of file lists hold. Versions that share an image
 * share its environment; who may ask is decided where the version is looked up.
 */
@Injectable()
export class ImageEnvironmentsService {
  constructor(private readonly prisma: PrismaService) {}

  /** By the digest that a version names. An index stands for every image in it; one that is not here gives none. */
  async of(imageDigests: readonly string[]): Promise<ReadonlyMap<string, readonly ImageEnvironment[]>> {
    const asked = [...new Set(imageDigests)];
    if (asked.length === 0) return new Map();
    const rows = Rows.parse(
      await this.prisma.$queryRaw`
        SELECT n.asked, n.image, n.platform, l.environment, l.demands, m.package_count,
               CASE WHEN l.environment IS NULL THEN e.detail END AS failure
        FROM (
          SELECT i.digest AS asked, i.digest AS image, NULL::jsonb AS platform, 0 AS position
          FROM image_manifest i WHERE i.digest = ANY(${asked}::text[]) AND i.kind = 'image'
          UNION ALL
          SELECT i.digest, c.digest, r.platform, r.position
          FROM image_manifest i
          JOIN manifest_reference r ON r.manifest_id = i.id AND r.kind = 'child'
          JOIN image_manifest c ON c.digest = r.digest AND c.kind = 'image'
          WHERE i.digest = ANY(${asked}::text[]) AND i.kind = 'index' AND coalesce(r.platform->>'os', '') <> 'unknown'
        ) n
        LEFT JOIN LATERAL (
          SELECT f.document->'environment'->>'digest' AS environment, f.document->'demands' AS demands FROM file_list f
          WHERE f.image_digest = n.image AND f.document->'environment' IS NOT NULL ORDER BY f.id DESC LIMIT 1
        ) l ON true
        LEFT JOIN environment_manifest m ON m.digest = l.environment
        LEFT JOIN LATERAL (
          SELECT e.detail FROM event e WHERE e.subject = n.image AND e.kind = 'image-not-read' ORDER BY e.seq DESC LIMIT 1
        ) e ON true
        ORDER BY n.asked, n.position`,
    );
    const found = new Map<string, ImageEnvironment[]>();
    for (const { asked: key, image, platform, environment, package_count, demands, failure } of rows) {
      const each: ImageEnvironment = {
        image,
        platform: platform && [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/'),
        environmentDigest: environment,
        packageCount: package_count ?? 0,
        demands,
        failure: failure && [failure.code, failure.reason].filter(Boolean).join(': '),
      };
      const there = found.get(key);
      if (there === undefined) found.set(key, [each]);
      else there.push(each);
    }
    return found;
  }

  /** What was read of one image that asks something of machines; null: not read, or by a release that did not look. */
  async demands(
    imageDigest: string,
  ): Promise<{ readonly demands: ImageDemands | null; readonly environmentDigest?: string }> {
    const row = await this.prisma.fileList.findFirst({
      where: { imageDigest },
      orderBy: { id: 'desc' },
      select: { document: true },
    });
    if (row === null) return { demands: null };
    const { demands = null, environment } = Read.parse(row.document);
    return { demands, ...(environment !== undefined && { environmentDigest: environment.digest }) };
  }
}

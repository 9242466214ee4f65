import { Injectable } from '@nestjs/common';
import { Prisma, PrismaService } from '@envarium/database';
import { type Digest, referrersTag } from '@envarium/oci';
import { z } from 'zod';

/** A descriptor of a referrer, as the specification wants it listed. */
export interface ReferrerDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What the answer may hold at most; the rest is paged by Link. */
const PAGE = 1000;
const Annotations = z.record(z.string(), z.string());

/** Artifacts whose `subject` is a given manifest: signatures, records, links, receipts. */
@Injectable()
export class ReferrersService {
  constructor(private readonly prisma: PrismaService) {}

  /** @param after id of the last referrer of the page before */
  async list(
    repositoryId: bigint,
    subject: Digest,
    filter: { artifactType: string | null; after: bigint | null },
  ): Promise<{ descriptors: ReferrerDescriptor[]; next: bigint | null }> {
    const rows = await this.prisma.$queryRaw<ReferrerRow[]>`
      SELECT m.id, m.digest, m.media_type AS "mediaType", b.size, m.artifact_type AS "artifactType", m.annotations
      FROM image_manifest m JOIN blob b ON b.id = m.blob_id
      JOIN repository_manifest p ON p.manifest_id = m.id AND p.repository_id = ${repositoryId}
      WHERE (m.subject_digest = ${subject} OR m.digest = ANY (ARRAY(${listedByTag(repositoryId, subject)})))
        AND m.id > ${filter.after ?? 0n} AND b.state = 'ok'
        AND (${filter.artifactType}::text IS NULL OR m.artifact_type = ${filter.artifactType})
      ORDER BY m.id LIMIT ${PAGE + 1}`;
    const page = rows.slice(0, PAGE);
    const descriptors = page.map((row) => {
      const annotations = Annotations.catch({}).parse(row.annotations);
      return {
        mediaType: row.mediaType,
        digest: row.digest,
        size: Number(row.size),
        ...(row.artifactType !== null && { artifactType: row.artifactType }),
        ...(Object.keys(annotations).length > 0 && { annotations }),
      };
    });
    return { descriptors, next: rows.length > PAGE ? (page.at(-1)?.id ?? null) : null };
  }
}

interface ReferrerRow {
  readonly id: bigint;
  readonly digest: string;
  readonly mediaType: string;
  readonly size: bigint;
  readonly artifactType: string | null;
  readonly annotations: unknown;
}

/** What came with the tag that clients of registries without this API keep their list of referrers under. */
function listedByTag(repositoryId: bigint, subject: Digest): Prisma.Sql {
  return Prisma.sql`
    SELECT f.digest FROM tag t JOIN manifest_reference f ON f.manifest_id = t.manifest_id AND f.kind = 'child'
    WHERE t.repository_id = ${repositoryId} AND t.name = ${referrersTag(subject)}`;
}

import { Injectable } from '@nestjs/common';
import { type Principal, versionsReadableSql } from '@envarium/access';
import { decodeCursor, type EdgePage, edgesOf, Prisma, PrismaService } from '@envarium/database';
import type { ContentUse, SharedPart } from '@envarium/schema';
import { HIT_COLUMNS, HIT_TABLES, type HitSql, presentHit } from './hit-sql.js';

interface ContentUseSql extends HitSql {
  readonly shares: readonly { readonly part: SharedPart; readonly path: string | null }[];
}

/** Which versions share an image, a base image, a layer or a file, by its digest. */
@Injectable()
export class ContentUsesService {
  constructor(private readonly prisma: PrismaService) {}

  /** Newest version first. @throws ArchiveError CURSOR_INVALID */
  async uses(
    principal: Principal,
    digest: string,
    limit: number,
    cursor: string | null,
  ): Promise<EdgePage<ContentUse>> {
    const [before] = cursor === null ? [null] : decodeCursor(cursor, ['bigint']);
    const isBefore = before === null ? Prisma.empty : Prisma.sql`AND v.id < ${before}`;
    const { rows } = await this.prisma.statement<ContentUseSql>(Prisma.sql`
      WITH shared AS MATERIALIZED (${sharedSql(digest)}),
      page AS MATERIALIZED (
        SELECT v.id, jsonb_agg(DISTINCT jsonb_build_object('part', s.part, 'path', s.path)) AS shares
        FROM shared s
        JOIN record_version v ON v.id = s.version_id
        JOIN archive_record p ON p.id = v.record_id
        JOIN repository n ON n.id = p.repository_id
        WHERE ${versionsReadableSql(principal)} ${isBefore}
        GROUP BY v.id ORDER BY v.id DESC LIMIT ${limit + 1}
      )
      SELECT ${HIT_COLUMNS}, k.shares FROM page k JOIN ${HIT_TABLES} ON v.id = k.id ORDER BY v.id DESC`);
    return edgesOf(
      rows,
      limit,
      (row) => [row.version_id],
      (row) => ({ ...presentHit(row), shares: row.shares.map(({ part, path }) => ({ part, path })) }),
    );
  }
}

/** Every way in which a version may hold content of this digest; images of an index are one level below it. */
function sharedSql(digest: string): Prisma.Sql {
  return Prisma.sql`
    SELECT v.id AS version_id, 'image' AS part, NULL AS path FROM record_version v WHERE v.image_digest = ${digest}
    UNION ALL
    SELECT v.id, 'package-file', f.path FROM package_file f JOIN record_version v ON v.id = f.version_id WHERE f.digest = ${digest}
    UNION ALL
    SELECT v.id, 'environment', NULL FROM environment_manifest e JOIN record_version v ON v.environment_manifest_id = e.id
    WHERE e.digest = ${digest}
    UNION ALL
    SELECT v.id, 'hardware', NULL FROM hardware_fingerprint h JOIN record_version v ON v.hardware_id = h.id
    WHERE h.digest = ${digest}
    UNION ALL
    SELECT v.id, 'base-image', NULL FROM environment_manifest e JOIN record_version v ON v.environment_manifest_id = e.id
    WHERE e.base_digests @> ARRAY[${digest}]::text[]
    UNION ALL
    SELECT v.id, CASE f.kind WHEN 'child' THEN 'child-image' ELSE f.kind::text END, NULL
    FROM manifest_reference f JOIN image_manifest m ON m.id = f.manifest_id JOIN (${IMAGES}) AS v ON v.digest = m.digest
    WHERE f.digest = ${digest} AND f.kind IN ('layer', 'config', 'child')
    UNION ALL
    SELECT v.id, 'base-layers', NULL
    FROM (
      SELECT b.digest, array_agg(f.digest ORDER BY f.position) AS layers
      FROM image_manifest b JOIN manifest_reference f ON f.manifest_id = b.id AND f.kind = 'layer'
      WHERE b.digest = ${digest} GROUP BY b.digest
    ) AS base
    JOIN manifest_reference first ON first.digest = base.layers[1] AND first.kind = 'layer'
    JOIN image_manifest m ON m.id = first.manifest_id AND m.digest <> base.digest
    JOIN (${IMAGES}) AS v ON v.digest = m.digest
    WHERE base.layers = ARRAY(
      SELECT f.digest FROM manifest_reference f WHERE f.manifest_id = m.id AND f.kind = 'layer'
      ORDER BY f.position LIMIT cardinality(base.layers))`;
}

/** Versions by their image, and by each image of their index. */
const IMAGES = Prisma.sql`
  SELECT w.id, w.image_digest AS digest FROM record_version w WHERE w.image_digest IS NOT NULL
  UNION ALL
  SELECT w.id, c.digest FROM record_version w
  JOIN image_manifest i ON i.digest = w.image_digest JOIN manifest_reference c ON c.manifest_id = i.id AND c.kind = 'child'`;
